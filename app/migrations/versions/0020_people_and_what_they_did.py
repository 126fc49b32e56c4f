"""the people of a tenant with their roles, and the audit log, which nobody changes"""

import sqlalchemy as sa
from alembic import op

import app.db

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

MOMENT = app.db.UtcDateTime(timezone=True)
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "colleagues",
        sa.Column("tenant_id", BIG, nullable=False),
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("user_email", sa.Text(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("met_at", MOMENT, nullable=False),
        _belongs_to_tenant("colleagues"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_colleagues")),
        sa.UniqueConstraint("tenant_id", "user_id", name=op.f("uq_colleagues_tenant_id_user_id")),
    )
    op.create_index(op.f("ix_colleagues_tenant_id"), "colleagues", ["tenant_id"])
    op.execute(
        "INSERT INTO colleagues (tenant_id, user_id, user_email, role, met_at) "
        "SELECT id, installer_user_id, '', 'owner', installed_at FROM tenants"
    )
    op.create_table(
        "audit_entries",
        sa.Column("tenant_id", BIG, nullable=False),
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        _belongs_to_tenant("audit_entries"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    op.create_index(op.f("ix_audit_entries_tenant_id"), "audit_entries", ["tenant_id"])
    for statement in _guards():
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("audit_entries")
    if op.get_context().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_audit_change")
    op.drop_table("colleagues")


def _belongs_to_tenant(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_tenant_id")
    return sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=name, ondelete="CASCADE")


def _guards() -> tuple[str, ...]:
    """Entries leave only with their tenant, whose own row is gone when the cascade comes."""
    return ON_SQLITE if op.get_context().dialect.name == "sqlite" else ON_POSTGRESQL


ON_SQLITE = (
    """CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit_entries
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit_entries
    WHEN EXISTS (SELECT 1 FROM tenants WHERE id = OLD.tenant_id)
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
)
ON_POSTGRESQL = (
    """CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'DELETE' THEN
        IF NOT EXISTS (SELECT 1 FROM tenants WHERE id = OLD.tenant_id) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit log is append-only';
    END $$""",
    """CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()""",
    """CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()""",
)
