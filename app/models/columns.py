"""Column shapes that several tables share."""

from datetime import datetime
from typing import Annotated

from sqlalchemy import BigInteger, ForeignKeyConstraint, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

# An instant is of one of two clocks: wall time never moves, business time has the sandbox's offset.
WallTime = Annotated[datetime, mapped_column(info={"clock": "wall"})]
BusinessTime = Annotated[datetime, mapped_column(info={"clock": "business"})]
LARGEST_ID = 2**63 - 1  # what a column of 64 bits holds
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
