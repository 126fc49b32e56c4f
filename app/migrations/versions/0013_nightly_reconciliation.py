"""when a tenant's books are compared with the vendors', and what its owner was told of it"""

import sqlalchemy as sa
from alembic import op

import app.db

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = app.db.UtcDateTime(timezone=True)
    with op.batch_alter_table("tenants") as tenants:
        tenants.add_column(sa.Column("reconciled_at", moment))
        tenants.add_column(sa.Column("next_reconciliation_at", moment))
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "told_differences",
        sa.Column("tenant_id", big, nullable=False),
        sa.Column("id", big, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("told_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenants.id"],
            name=op.f("fk_told_differences_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_told_differences")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_told_differences_tenant_id_name")),
    )
    op.create_index(op.f("ix_told_differences_tenant_id"), "told_differences", ["tenant_id"])


def downgrade() -> None:
    op.drop_table("told_differences")
    with op.batch_alter_table("tenants") as tenants:
        tenants.drop_column("next_reconciliation_at")
        tenants.drop_column("reconciled_at")
