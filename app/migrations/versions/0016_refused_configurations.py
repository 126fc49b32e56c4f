"""vendors that refuse what our installation is to them"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "refused_configurations",
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("since", UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("provider", name=op.f("pk_refused_configurations")),
    )


def downgrade() -> None:
    op.drop_table("refused_configurations")
