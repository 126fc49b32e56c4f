"""every message belongs to a tenant"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only ignored webhooks of unknown accounts had no owner; they are deleted."""
    op.execute("DELETE FROM messages WHERE tenant_id IS NULL")
    with op.batch_alter_table("messages") as messages:
        messages.alter_column("tenant_id", nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("messages") as messages:
        messages.alter_column("tenant_id", nullable=True)
