"""a seller's logo and terms as files, named by their hash"""

import sqlalchemy as sa
from alembic import op

import app.db

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

NAMED = {"logo": sa.String(), "terms_file": sa.String(), "terms_file_name": sa.Text()}


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "stored_files",
        sa.Column("tenant_id", big, nullable=False),
        sa.Column("id", big, autoincrement=True, nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("added_at", app.db.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenants.id"],
            name=op.f("fk_stored_files_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_files")),
        sa.UniqueConstraint("tenant_id", "sha256", name=op.f("uq_stored_files_tenant_id_sha256")),
    )
    op.create_index(op.f("ix_stored_files_tenant_id"), "stored_files", ["tenant_id"])
    for name, kind in NAMED.items():
        op.add_column("preferences", sa.Column(name, kind, nullable=False, server_default=""))


def downgrade() -> None:
    for name in NAMED:
        op.drop_column("preferences", name)
    op.drop_table("stored_files")
