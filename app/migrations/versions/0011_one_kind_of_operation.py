"""steps have a generation, and mirrors of Stripe objects know as much of their making as steps"""

from hashlib import sha256

import sqlalchemy as sa
from alembic import op

from app.clock import wall_now
from app.db import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

STEPS = sa.table(
    "steps",
    sa.column("id", sa.BigInteger()),
    sa.column("name", sa.String()),
    sa.column("generation", sa.Integer()),
    sa.column("state", sa.String()),
    sa.column("done_at", UtcDateTime()),
)
MIRRORS = sa.table(
    "stripe_mirrors",
    sa.column("id", sa.BigInteger()),
    sa.column("kind", sa.String()),
    sa.column("our_key", sa.Text()),
    sa.column("tries", sa.Integer()),
    sa.column("object_id", sa.String()),
    sa.column("operation_key", sa.String()),
    sa.column("given", sa.JSON()),
    sa.column("state", sa.String()),
    sa.column("begun_at", UtcDateTime()),
    sa.column("done_at", UtcDateTime()),
)


def upgrade() -> None:
    with op.batch_alter_table("steps") as steps:
        steps.add_column(sa.Column("generation", sa.Integer(), nullable=False, server_default="1"))
        steps.add_column(sa.Column("state", sa.String(), nullable=False, server_default="begun"))
    for row in op.get_bind().execute(sa.select(STEPS)).all():
        generation, _, name = row.name.partition(":")
        state = "done" if row.done_at else "begun"
        kept = STEPS.update().where(STEPS.c.id == row.id)
        op.execute(kept.values(generation=int(generation), name=name, state=state))
    with op.batch_alter_table("steps") as steps:
        steps.drop_constraint("uq_steps_tenant_id_purchase_id_name", type_="unique")
        steps.create_unique_constraint(
            "uq_steps_tenant_id_purchase_id_generation_name",
            ["tenant_id", "purchase_id", "generation", "name"],
        )
    _know_mirrors()


def _know_mirrors() -> None:
    now = wall_now()
    with op.batch_alter_table("stripe_mirrors") as mirrors:
        mirrors.alter_column("stripe_id", new_column_name="object_id")
        for name in ("operation_key", "state"):
            mirrors.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
        mirrors.add_column(sa.Column("begun_at", UtcDateTime(timezone=True)))
        mirrors.add_column(sa.Column("done_at", UtcDateTime(timezone=True)))
    for row in op.get_bind().execute(sa.select(MIRRORS)).all():
        made = bool(row.object_id)
        begun = "begun" if row.given else "undone"
        kept = MIRRORS.update().where(MIRRORS.c.id == row.id)
        op.execute(
            kept.values(
                our_key=_short(row.our_key) if row.kind == "product" else row.our_key,
                operation_key=f"{row.kind}:{row.id}:{row.tries}",
                state="done" if made else begun,
                begun_at=now,
                done_at=now if made else None,
            )
        )
    with op.batch_alter_table("stripe_mirrors") as mirrors:
        mirrors.alter_column("begun_at", nullable=False)


def _short(our_key: str) -> str:
    named, _, name = our_key.partition("name:")
    return our_key if named else f"name:{sha256(name.encode()).hexdigest()}"


def downgrade() -> None:
    """Products without an id are made anew: their names are not kept."""
    with op.batch_alter_table("stripe_mirrors") as mirrors:
        for name in ("operation_key", "state", "begun_at", "done_at"):
            mirrors.drop_column(name)
        mirrors.alter_column("object_id", new_column_name="stripe_id")
    with op.batch_alter_table("steps") as steps:
        steps.drop_constraint("uq_steps_tenant_id_purchase_id_generation_name", type_="unique")
    for row in op.get_bind().execute(sa.select(STEPS)).all():
        kept = STEPS.update().where(STEPS.c.id == row.id)
        op.execute(kept.values(name=f"{row.generation}:{row.name}"))
    with op.batch_alter_table("steps") as steps:
        steps.create_unique_constraint(
            "uq_steps_tenant_id_purchase_id_name", ["tenant_id", "purchase_id", "name"]
        )
        steps.drop_column("state")
        steps.drop_column("generation")
