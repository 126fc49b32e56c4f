"""remember which vendor must be connected again before a message is tried again"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    column = sa.Column("waits_for", sa.String(), nullable=False, server_default="")
    op.add_column("messages", column)


def downgrade() -> None:
    op.drop_column("messages", "waits_for")
