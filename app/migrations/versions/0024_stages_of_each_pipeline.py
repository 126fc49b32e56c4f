"""each pipeline has stages of its own for what happens to a proposal"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

COLUMNS = {event: f"stage_{event}" for event in ("sent", "accepted", "paid")}


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "pipeline_stages",
        sa.Column("tenant_id", big, nullable=False),
        sa.Column("id", big, autoincrement=True, nullable=False),
        sa.Column("pipeline_id", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("stage_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenants.id"],
            name=op.f("fk_pipeline_stages_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pipeline_stages")),
        sa.UniqueConstraint(
            "tenant_id",
            "pipeline_id",
            "event",
            name=op.f("uq_pipeline_stages_tenant_id_pipeline_id_event"),
        ),
    )
    op.create_index(op.f("ix_pipeline_stages_tenant_id"), "pipeline_stages", ["tenant_id"])
    for table in ("deals", "portal_stages"):
        pipeline = sa.Column("pipeline_id", sa.String(), nullable=False, server_default="")
        op.add_column(table, pipeline)
    # Which pipeline a choice belongs to is found when the stages are next read.
    names = ["tenant_id", "pipeline_id", "event", "stage_id"]
    stages = sa.table("pipeline_stages", *map(sa.column, names))
    chosen = sa.table("preferences", *map(sa.column, ["tenant_id", *COLUMNS.values()]))
    for event, column in COLUMNS.items():
        stage = chosen.c[column]
        rows = sa.select(chosen.c.tenant_id, sa.literal(""), sa.literal(event), stage)
        op.execute(stages.insert().from_select(names, rows.where(stage != "")))


def downgrade() -> None:
    for table in ("portal_stages", "deals"):
        op.drop_column(table, "pipeline_id")
    op.drop_table("pipeline_stages")
