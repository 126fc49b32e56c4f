"""Migrations: from nothing to head, no drift from the models, one step back and forth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from app.db import Base, Database
from app.migrate import config, migrate

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database in which nothing was ever made."""
    if request.param == "sqlite":
        fresh = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    else:
        server = request.getfixturevalue("postgres_server")
        fresh = Database(server.url(server.create()))
    yield fresh
    fresh.engine.dispose()


def tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names())


def test_empty_database_is_brought_to_head(empty: Database) -> None:
    migrate(empty)
    migrate(empty)

    assert tables(empty) == {*Base.metadata.tables, "alembic_version"}


def test_migrated_database_is_what_the_models_say(database: Database) -> None:
    with database.engine.begin() as connection:
        command.check(config(connection))


@pytest.mark.usefixtures("schema_of_its_own")
def test_newest_step_goes_back_and_forth(database: Database) -> None:
    before = tables(database)

    with database.engine.begin() as connection:
        command.downgrade(config(connection), "-1")
    assert tables(database) < before or len(revisions()) > 1
    migrate(database)

    assert tables(database) == before
    with database.engine.begin() as connection:
        command.check(config(connection))


def test_history_is_one_line() -> None:
    assert revisions() == [f"{n:04d}" for n in range(len(revisions()), 0, -1)]


def revisions() -> list[str]:
    """Every revision, newest first; alembic itself refuses two heads."""
    database = Database("sqlite://")
    with database.engine.connect() as connection:
        scripts = ScriptDirectory.from_config(config(connection))
    scripts.get_current_head()
    return [script.revision for script in scripts.walk_revisions()]
