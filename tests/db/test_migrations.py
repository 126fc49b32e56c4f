"""Migrations: from nothing to head, no drift from the models, one step back and forth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text

from app.db import EVERY_TENANT, Base, Database
from app.migrate import config, migrate
from app.models import Colleague, Message

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = "2026-10-01 09:00:00.000000"
OLD_TENANT = text(
    "INSERT INTO tenants (id, hub_id, name, currency, time_zone, test_account, installed_at, "
    "installer_user_id) VALUES (1, 148111, '', 'EUR', 'UTC', false, :now, 7001)"
)
OLD_MESSAGE = text(
    "INSERT INTO messages (tenant_id, kind, provider, payload, dedupe_key, operation_key, status, "
    "attempts, doubts, deaths, available_at, last_error, created_at) VALUES (:owner, "
    "'inbox.stripe', 'stripe', '{\"event\": [1]}', :name, :name, 'ignored', "
    "0, 0, 0, :now, '', :now)"
)


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


def shape(database: Database) -> dict[str, tuple[set[str], set[str | None]]]:
    """The columns and the indices of every table."""
    found = inspect(database.engine)
    return {
        table: (
            {column["name"] for column in found.get_columns(table)},
            {index["name"] for index in found.get_indexes(table)},
        )
        for table in found.get_table_names()
    }


def test_newest_step_goes_back_and_forth(empty: Database) -> None:
    migrate(empty, revisions()[1])
    before = shape(empty)
    migrate(empty)
    newest = shape(empty)

    with empty.engine.begin() as connection:
        command.downgrade(config(connection), "-1")
    back = shape(empty)
    migrate(empty)

    assert back == before
    assert shape(empty) == newest
    with empty.engine.begin() as connection:
        command.check(config(connection))


def test_messages_are_kept_and_those_of_nobody_go(empty: Database) -> None:
    migrate(empty, "0002")
    with empty.engine.begin() as connection:
        connection.execute(OLD_TENANT, {"now": NOW})
        for owner, name in ((1, "known"), (None, "nobody's")):
            connection.execute(OLD_MESSAGE, {"now": NOW, "owner": owner, "name": name})

    migrate(empty)

    with empty.reading(EVERY_TENANT) as session:
        [kept] = session.scalars(select(Message))
    assert (kept.tenant_id, kept.dedupe_key, kept.payload) == (1, "known", {"event": [1]})


def test_installer_becomes_the_first_owner(empty: Database) -> None:
    migrate(empty, "0002")
    with empty.engine.begin() as connection:
        connection.execute(OLD_TENANT, {"now": NOW})

    migrate(empty)

    with empty.reading(1) as session:
        [owner] = session.scalars(select(Colleague))
    assert (owner.user_id, owner.role) == (7001, "owner")


def test_history_is_one_line() -> None:
    assert revisions() == [f"{n:04d}" for n in range(len(revisions()), 0, -1)]


def revisions() -> list[str]:
    """Every revision, newest first; alembic itself refuses two heads."""
    database = Database("sqlite://")
    with database.engine.connect() as connection:
        scripts = ScriptDirectory.from_config(config(connection))
    scripts.get_current_head()
    return [script.revision for script in scripts.walk_revisions()]
