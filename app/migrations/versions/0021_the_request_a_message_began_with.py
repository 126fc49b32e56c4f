"""the request that a message began with: one id leads from the card to Slack"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "messages", sa.Column("request_id", sa.String(), nullable=False, server_default="")
    )


def downgrade() -> None:
    op.drop_column("messages", "request_id")
