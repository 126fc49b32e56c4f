"""until when a deal is left alone, because a write that timed out may still arrive in the CRM"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deals", sa.Column("quiet_until", UtcDateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("deals", "quiet_until")
