"""index every leased message, also those without a subject: each claim counts them"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NAME, COLUMNS = "uq_messages_one_leased", ["tenant_id", "subject"]


def upgrade() -> None:
    """Two leased messages without a subject stay two: NULLs differ from each other."""
    _index("status = 'leased'")


def downgrade() -> None:
    _index("status = 'leased' AND subject IS NOT NULL")


def _index(which: str) -> None:
    where = sa.text(which)
    op.drop_index(NAME, "messages")
    op.create_index(
        NAME, "messages", COLUMNS, unique=True, sqlite_where=where, postgresql_where=where
    )
