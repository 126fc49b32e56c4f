"""compress the payloads of messages quickly, where PostgreSQL can"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """PostgreSQL's own method takes as long over an 8 kB webhook as all the rest of its insert.

    https://www.postgresql.org/docs/current/sql-altertable.html
    """
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "DO $$ BEGIN ALTER TABLE messages ALTER COLUMN payload SET COMPRESSION lz4; "
            "EXCEPTION WHEN feature_not_supported THEN NULL; END $$"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE messages ALTER COLUMN payload SET COMPRESSION default")
