"""drop the tenant's name, which nothing ever filled in"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_column("tenants", "name")


def downgrade() -> None:
    op.add_column("tenants", sa.Column("name", sa.Text(), nullable=False, server_default=""))
