"""where a deal stood when HubSpot refused its stage: it is tried again while it stays there"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "stage_facts", sa.Column("refused_in", sa.String(), server_default="", nullable=False)
    )
    op.add_column("stage_facts", sa.Column("refused_at", UtcDateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("stage_facts", "refused_at")
    op.drop_column("stage_facts", "refused_in")
