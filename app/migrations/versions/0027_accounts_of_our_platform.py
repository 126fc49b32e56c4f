"""the Stripe account that our platform's key reaches for a tenant, and for no other"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

INDEX = "ix_connections_platform_account"


def upgrade() -> None:
    op.add_column("connections", sa.Column("platform_account", sa.String()))
    op.create_index(INDEX, "connections", ["platform_account"], unique=True)


def downgrade() -> None:
    op.drop_index(INDEX, "connections")
    op.drop_column("connections", "platform_account")
