"""a tenant chooses who is told of what, its quiet hours, and how long its data stays"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "notices",
        sa.Column("tenant_id", big, nullable=False),
        sa.Column("id", big, autoincrement=True, nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("to_rep", sa.Boolean(), nullable=False),
        sa.Column("to_owner", sa.Boolean(), nullable=False),
        sa.Column("others", sa.Text(), nullable=False),
        sa.Column("to_slack", sa.Boolean(), nullable=False),
        sa.Column("channel_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=op.f("fk_notices_tenant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("tenant_id", "event", name=op.f("uq_notices_tenant_id_event")),
    )
    op.create_index(op.f("ix_notices_tenant_id"), "notices", ["tenant_id"])
    for name in ("quiet_from", "quiet_until"):
        hour = sa.Column(name, sa.String(), nullable=False, server_default="")
        op.add_column("preferences", hour)
    days = sa.Column("retention_days", sa.Integer(), nullable=False, server_default="365")
    op.add_column("preferences", days)


def downgrade() -> None:
    for name in ("retention_days", "quiet_until", "quiet_from"):
        op.drop_column("preferences", name)
    op.drop_table("notices")
