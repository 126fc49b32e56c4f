"""keep what became of a colleague's test mail"""

import sqlalchemy as sa
from alembic import op

import app.db

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "mail_tests",
        sa.Column("tenant_id", big, nullable=False),
        sa.Column("id", big, autoincrement=True, nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("user_email", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("asked_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.Column("tried_at", app.db.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"],
            ["tenants.id"],
            name=op.f("fk_mail_tests_tenant_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_tests")),
        sa.UniqueConstraint("tenant_id", "user_id", name=op.f("uq_mail_tests_tenant_id_user_id")),
    )
    op.create_index(op.f("ix_mail_tests_tenant_id"), "mail_tests", ["tenant_id"])


def downgrade() -> None:
    op.drop_table("mail_tests")
