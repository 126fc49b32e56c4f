"""when a tenant left, until when its data stays, when that was said, when it was erased"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

COLUMNS = ("left_at", "erase_after", "warned_at", "erased_at")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("tenants", sa.Column(name, UtcDateTime(timezone=True)))


def downgrade() -> None:
    for name in reversed(COLUMNS):
        op.drop_column("tenants", name)
