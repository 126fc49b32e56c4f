"""what could not be done about a deal, and what a person decided about a message"""

import sqlalchemy as sa
from alembic import op

from app.db import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PROPOSALS = sa.table(
    "proposals",
    sa.column("id", BIG),
    sa.column("tenant_id", BIG),
    sa.column("deal_id", BIG),
    sa.column("version", sa.Integer()),
    sa.column("problem", sa.Text()),
)
MESSAGES = sa.table(
    "messages", sa.column("id", BIG), sa.column("status"), sa.column("dedupe_key", sa.String())
)


def upgrade() -> None:
    sent_again = sa.Column("sent_again", sa.Integer(), nullable=False, server_default="0")
    op.add_column("messages", sent_again)
    _make_decisions()
    problems = _make_problems()
    _keep_problems(problems)
    op.drop_column("proposals", "problem")


def _make_decisions() -> None:
    op.create_table(
        "message_decisions",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("tenant_id", BIG, nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("did", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("because", sa.Text(), nullable=False),
        sa.Column("decided_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("status_before", sa.String(), nullable=False),
        sa.Column("error_before", sa.Text(), nullable=False),
        *_of_tenant("message_decisions"),
    )
    for column in ("tenant_id", "message_id"):
        op.create_index(f"ix_message_decisions_{column}", "message_decisions", [column])


def _make_problems() -> sa.Table:
    made = op.create_table(
        "deal_problems",
        sa.Column("id", BIG, autoincrement=True, nullable=False),
        sa.Column("tenant_id", BIG, nullable=False),
        sa.Column("deal_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "deal_id"],
            ["deals.tenant_id", "deals.id"],
            name="fk_deal_problems_tenant_id_deal_id",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "tenant_id", "message_id", name="uq_deal_problems_tenant_id_message_id"
        ),
        *_of_tenant("deal_problems"),
    )
    op.create_index("ix_deal_problems_tenant_id", "deal_problems", ["tenant_id"])
    return made


def _of_tenant(table: str) -> tuple[sa.Constraint, ...]:
    return (
        sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenants.id"], name=f"fk_{table}_tenant_id", ondelete="CASCADE"
        ),
    )


def _keep_problems(problems: sa.Table) -> None:
    """Until now only a proposal whose mail had died told of it."""
    connection = op.get_bind()
    for row in connection.execute(sa.select(PROPOSALS).where(PROPOSALS.c.problem != "")).all():
        key = f"{row.tenant_id}:email.proposal_sent:{row.id}:{row.version}"
        mail = sa.select(MESSAGES.c.id).where(MESSAGES.c.dedupe_key == key)
        message_id = connection.scalar(mail.where(MESSAGES.c.status == "dead"))
        if message_id:
            values = {
                "tenant_id": row.tenant_id,
                "deal_id": row.deal_id,
                "message_id": message_id,
                "kind": "email.proposal_sent",
                "words": row.problem,
            }
            op.execute(problems.insert().values(values))


def downgrade() -> None:
    op.add_column("proposals", sa.Column("problem", sa.Text(), nullable=False, server_default=""))
    op.drop_table("deal_problems")
    op.drop_table("message_decisions")
    op.drop_column("messages", "sent_again")
