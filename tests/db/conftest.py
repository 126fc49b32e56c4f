"""The databases of this folder: PostgreSQL's is emptied between tests, which is ten times quicker.

A test that changes the schema asks for `schema_of_its_own`.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import make_url

from app.models import Tenant

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.postgres import PostgresServer

_TABLES = Tenant.metadata.sorted_tables
# Without its triggers PostgreSQL deletes in any order; numbers begin at one again.
_EMPTY = "SET session_replication_role = replica; " + "; ".join(
    f"DELETE FROM {table.name}" for table in _TABLES
)
_RESTART = "; ".join(
    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), 1, false)"
    for table in _TABLES
    if "id" in table.c and table.c.id.autoincrement is True
)
_LEAVE = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
def schema_of_its_own() -> None:
    """Have this test run in a database that nobody uses after it."""


@pytest.fixture(scope="session")
def shared_database(postgres_server: PostgresServer, postgres_template: str) -> Iterator[str]:
    """The address of the one PostgreSQL database that most tests here use in turn."""
    name = postgres_server.create(postgres_template)
    yield postgres_server.url(name)
    postgres_server.drop(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty migrated database."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "propale.db")
        yield f"sqlite:///{tmp_path / 'propale.db'}"
    elif "schema_of_its_own" in request.fixturenames:
        server: PostgresServer = request.getfixturevalue("postgres_server")
        name = server.create(request.getfixturevalue("postgres_template"))
        yield server.url(name)
        server.drop(name)
    else:
        url: str = request.getfixturevalue("shared_database")
        yield url
        _empty(url)


def _empty(url: str) -> None:
    where = make_url(url)
    with psycopg.connect(
        host=where.host,
        port=where.port,
        user=where.username,
        dbname=where.database,
        autocommit=True,
    ) as connection:
        for statement in (_LEAVE, _EMPTY, _RESTART):
            connection.execute(statement.encode())
