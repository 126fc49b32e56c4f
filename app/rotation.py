"""Every sealed text of the database, to be sealed again with the newest key.

A column of sealed texts says in `info["sealed_for"]` for which purpose, with names of its row's
columns in braces: `connection.{provider}`. Its table has `id` and `tenant_id`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from string import Formatter
from typing import Any

from sqlalchemy import Column, select, update

from app.db import EVERY_TENANT, Base, Database, changed_rows
from app.seal import Sealer, SealError

ROWS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class SealedText:
    """One sealed text and where it lies."""

    column: Column[Any]
    id: int
    tenant_id: int
    purpose: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.column.table.name}.{self.column.name} {self.id}"


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many texts have the newest key now, and the places of those that no key opens."""

    number: int
    unopened: list[str]


def sealed_columns() -> list[Column[Any]]:
    tables = Base.metadata.sorted_tables
    return [column for table in tables for column in table.columns if "sealed_for" in column.info]


def sealed_texts(database: Database, at_once: int = ROWS_AT_ONCE) -> Iterator[SealedText]:
    """All of them, read some at a time: no transaction is open while the caller works."""
    for column in sealed_columns():
        last = 0
        while some := _some(database, column, last, at_once):
            yield from some
            last = some[-1].id


def unopened(database: Database, sealer: Sealer) -> list[str]:
    """The places of the sealed texts that none of our keys opens."""
    return [text.place for text in sealed_texts(database) if not _opens(sealer, text)]


def reseal_all(database: Database, sealer: Sealer) -> Resealed:
    """Seal with the newest key whatever is sealed with an older one; others may go on working.

    Each row is a commit of its own, so it may be ended at any moment and started again. Once more
    from the beginning until nothing is left: a process that has not read the newest key yet still
    seals with an older one.
    """
    number = 0
    while True:
        changed, failed = 0, []
        for found in sealed_texts(database):
            try:
                new = sealer.reseal(found.tenant_id, found.purpose, found.text)
            except SealError:
                failed.append(found.place)
            else:
                changed += new != found.text and _replace(database, found, new)
        number += changed
        if not changed:
            return Resealed(number, failed)


def _some(database: Database, column: Column[Any], after: int, at_once: int) -> list[SealedText]:
    table, purpose = column.table, str(column.info["sealed_for"])
    named = [name for _, name, _, _ in Formatter().parse(purpose) if name]
    rows = (
        select(table.c.id, table.c.tenant_id, column.label("text"), *(table.c[n] for n in named))
        .where(table.c.id > after, column != "")
        .order_by(table.c.id)
        .limit(at_once)
    )
    with database.reading(EVERY_TENANT) as session:
        found = session.execute(rows).mappings().all()
    return [
        SealedText(column, row["id"], row["tenant_id"], purpose.format(**row), row["text"])
        for row in found
    ]


def _opens(sealer: Sealer, found: SealedText) -> bool:
    try:
        sealer.open(found.tenant_id, found.purpose, found.text)
    except SealError:
        return False
    return True


def _replace(database: Database, found: SealedText, new: str) -> int:
    """Store it where the row still holds what we read: a newer text is somebody else's."""
    table = found.column.table
    same = update(table).where(table.c.id == found.id, found.column == found.text)
    with database.writing(EVERY_TENANT) as session:
        return changed_rows(session, same.values({found.column.name: new}))
