"""remember every Stripe page that was billed, not only the last one"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

PURCHASES = sa.table(
    "purchases",
    sa.column("id", sa.BigInteger()),
    sa.column("billed_session_id", sa.String()),
    sa.column("billed_pages", sa.JSON()),
)


def upgrade() -> None:
    pages = sa.Column("billed_pages", sa.JSON(), nullable=False, server_default="[]")
    op.add_column("purchases", pages)
    last = PURCHASES.c.billed_session_id
    for row in op.get_bind().execute(sa.select(PURCHASES).where(last != "")).all():
        kept = PURCHASES.update().where(PURCHASES.c.id == row.id)
        op.execute(kept.values(billed_pages=[row.billed_session_id]))
    op.drop_column("purchases", "billed_session_id")


def downgrade() -> None:
    last = sa.Column("billed_session_id", sa.String(), nullable=False, server_default="")
    op.add_column("purchases", last)
    for row in op.get_bind().execute(sa.select(PURCHASES)).all():
        if row.billed_pages:
            kept = PURCHASES.update().where(PURCHASES.c.id == row.id)
            op.execute(kept.values(billed_session_id=row.billed_pages[-1]))
    op.drop_column("purchases", "billed_pages")
