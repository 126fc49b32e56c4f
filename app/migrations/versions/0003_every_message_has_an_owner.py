"""every message belongs to a tenant"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Only a webhook of nobody we know could have no owner, and it was ignored: it may go."""
    op.execute("DELETE FROM messages WHERE tenant_id IS NULL")
    with op.batch_alter_table("messages") as messages:
        messages.alter_column("tenant_id", nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("messages") as messages:
        messages.alter_column("tenant_id", nullable=True)
