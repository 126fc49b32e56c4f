"""keep the workspace's channels"""

import sqlalchemy as sa
from alembic import op

import app.db

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "team_channels",
        sa.Column("tenant_id", big, nullable=False),
        sa.Column("id", big, autoincrement=True, nullable=False),
        sa.Column("slack_channel_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("is_private", sa.Boolean(), nullable=False),
        sa.Column("is_member", sa.Boolean(), nullable=False),
        sa.Column("is_archived", sa.Boolean(), nullable=False),
        sa.Column("trouble", sa.String(), nullable=False),
        sa.Column("lost_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("read_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenants.id"],
            name=op.f("fk_team_channels_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_channels")),
        sa.UniqueConstraint(
            "tenant_id",
            "slack_channel_id",
            name=op.f("uq_team_channels_tenant_id_slack_channel_id"),
        ),
    )
    op.create_index(op.f("ix_team_channels_tenant_id"), "team_channels", ["tenant_id"])


def downgrade() -> None:
    op.drop_table("team_channels")
