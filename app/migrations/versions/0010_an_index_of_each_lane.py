"""index each lane's open messages in their order: a claim reads only the first few of each"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NAME, COLUMNS = "ix_messages_lane", ["tenant_id", "provider", "available_at", "id"]
OPEN = sa.text("status IN ('pending', 'leased')")


def upgrade() -> None:
    op.create_index(NAME, "messages", COLUMNS, sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    op.drop_index(NAME, "messages")
