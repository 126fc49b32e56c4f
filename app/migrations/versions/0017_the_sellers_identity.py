"""a seller has a legal identity, a colour, a time zone, a currency and methods of his own"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TEXTS = {
    "legal_form": sa.Text(),
    **dict.fromkeys(("siren", "vat_number", "time_zone", "currency"), sa.String()),
}


def upgrade() -> None:
    for name, kind in TEXTS.items():
        op.add_column("preferences", sa.Column(name, kind, nullable=False, server_default=""))
    green = sa.Column("colour", sa.String(), nullable=False, server_default="#14483d")
    op.add_column("preferences", green)
    both = '["card", "sepa_debit"]'
    methods = sa.Column("methods", sa.JSON(), nullable=False, server_default=both)
    op.add_column("preferences", methods)


def downgrade() -> None:
    for name in ("methods", "colour", *TEXTS):
        op.drop_column("preferences", name)
