"""Column shapes that several tables share."""

from collections.abc import Iterable

from sqlalchemy import BigInteger, ForeignKeyConstraint, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

BIG = BigInteger().with_variant(Integer, "sqlite")


class Numbered:
    """Mixin: our own number for the row."""

    id: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=True)


def owned(columns: Iterable[str] = ("tenant_id", "id")) -> UniqueConstraint:
    """Make the pair a target for composite foreign keys."""
    return UniqueConstraint(*columns)


def belongs_to(table: str, column: str) -> ForeignKeyConstraint:
    """Tie a child to a parent of the same tenant: the database refuses any other."""
    return ForeignKeyConstraint(
        ["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"], ondelete="CASCADE"
    )
