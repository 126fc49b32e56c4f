"""since when a message fails and how often by an error of ours; an index of dead letters"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

DEAD = sa.text("status = 'dead'")


def upgrade() -> None:
    op.add_column("messages", sa.Column("bugs", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("messages", sa.Column("failing_since", UtcDateTime(timezone=True)))
    op.create_index(
        "ix_messages_dead", "messages", ["id"], sqlite_where=DEAD, postgresql_where=DEAD
    )


def downgrade() -> None:
    op.drop_index("ix_messages_dead", "messages")
    op.drop_column("messages", "failing_since")
    op.drop_column("messages", "bugs")
