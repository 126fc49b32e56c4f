"""a purchase knows its newest invoice, and when Stripe's page of it was looked up"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

PURCHASES = sa.table(
    "purchases",
    sa.column("newest_invoice_id", sa.String()),
    sa.column("stripe_invoice_id", sa.String()),
    sa.column("first_paid_at", UtcDateTime()),
)


def upgrade() -> None:
    newest = sa.Column("newest_invoice_id", sa.String(), nullable=False, server_default="")
    op.add_column("purchases", newest)
    op.add_column("purchases", sa.Column("invoice_read_at", UtcDateTime(timezone=True)))
    first = sa.func.coalesce(PURCHASES.c.stripe_invoice_id, "")
    # Once the first is paid the newest may be a renewal, whose id was not kept.
    unpaid = PURCHASES.c.first_paid_at.is_(None)
    op.execute(PURCHASES.update().where(unpaid).values(newest_invoice_id=first))


def downgrade() -> None:
    op.drop_column("purchases", "invoice_read_at")
    op.drop_column("purchases", "newest_invoice_id")
