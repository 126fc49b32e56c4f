"""Column shapes that several tables share."""

from sqlalchemy import BigInteger, ForeignKeyConstraint, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

BIG = BigInteger().with_variant(Integer, "sqlite")


class Numbered:
    """Mixin: our own number for the row."""

    id: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=True)


def owned() -> UniqueConstraint:
    """Let composite foreign keys `(tenant_id, ..._id)` point at this table."""
    return UniqueConstraint("tenant_id", "id")


def belongs_to(table: str, column: str) -> ForeignKeyConstraint:
    """Tie a child to a parent of the same tenant: the database refuses any other."""
    return ForeignKeyConstraint(
        ["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"], ondelete="CASCADE"
    )
