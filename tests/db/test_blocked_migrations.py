"""A migration beside work that goes on: it waits for a lock a moment only, and tries again."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Connection, text

from app.db import Database
from app.migrate import LOCK_SECONDS, BlockedError, Standing, migrate, standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.postgres import PostgresServer

BEFORE = "0020"  # the next one adds a column to `messages`


@pytest.fixture(scope="module")
def template(postgres_server: PostgresServer) -> str:
    """The name of a database to which the newest migrations are still to come."""
    name = postgres_server.create()
    database = Database(postgres_server.url(name))
    migrate(database, BEFORE)
    database.engine.dispose()
    return name


@pytest.fixture
def behind(postgres_server: PostgresServer, template: str) -> Iterator[Database]:
    name = postgres_server.create(template)
    database = Database(postgres_server.url(name))
    yield database
    database.engine.dispose()
    postgres_server.drop(name)


@contextmanager
def reading_messages(database: Database) -> Iterator[Connection]:
    """Somebody's transaction that has read the table and goes on."""
    with database.engine.connect() as connection:
        connection.execute(text("SELECT count(*) FROM messages"))
        yield connection


def waits(connection: Connection) -> int:
    asked = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    return int(connection.execute(asked).scalar_one())


def test_table_in_use_stops_the_migration_not_the_work(behind: Database) -> None:
    with reading_messages(behind) as connection:
        with pytest.raises(BlockedError, match="lock timeout"):
            migrate(behind, tries=1)

        assert standing(behind) is Standing.BEHIND
        assert waits(connection) == 0
    migrate(behind, tries=1)
    assert standing(behind) is Standing.CURRENT


def test_lock_that_comes_free_is_taken_at_a_later_try(behind: Database) -> None:
    with reading_messages(behind) as connection:
        threading.Timer(LOCK_SECONDS + 0.2, connection.rollback).start()

        migrate(behind, pause_seconds=0.1)

    assert standing(behind) is Standing.CURRENT


def test_second_migration_waits_for_the_first(behind: Database) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(migrate, behind, pause_seconds=0.1) for _ in range(2)]

        assert [one.result(60) for one in both] == [None, None]
    assert standing(behind) is Standing.CURRENT


def test_migrations_connection_goes_back_as_it_was(behind: Database) -> None:
    migrate(behind)

    with behind.engine.connect() as connection:
        timeout = connection.execute(text("SHOW lock_timeout")).scalar_one()
        held = connection.execute(text("SELECT count(*) FROM pg_locks WHERE locktype='advisory'"))
        assert (timeout, held.scalar_one()) == ("10s", 0)
