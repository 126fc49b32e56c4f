"""What stands in a database, table by table, for tests that say *nothing was stored*."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.db import EVERY_TENANT, Base, Database

Contents = dict[str, list[tuple[Any, ...]]]


def contents(database: Database) -> Contents:
    """Every row of every table as it is stored, by the table's name."""
    with database.reading(EVERY_TENANT) as session:
        connection = session.connection()
        return {
            table.name: [
                tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))
            ]
            for table in Base.metadata.sorted_tables
        }


def counts(database: Database) -> dict[str, int]:
    """How many rows each table has."""
    return {name: len(rows) for name, rows in contents(database).items()}
