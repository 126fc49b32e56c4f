"""Databases with the real migrations: made once into a template, copied for each test.

`database` runs a test twice, on SQLite and on PostgreSQL. A test for one of them says
`@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from app.db import Database
from tests.support.environ import CLOSED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.postgres import OwnServer, PostgresServer


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file that nobody opens."""
    file = tmp_path_factory.mktemp("template") / "propale.db"
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_template(postgres_server: PostgresServer) -> str:
    """The name of a migrated database that nobody uses."""
    name = postgres_server.create()
    migrate(postgres_server.url(name))
    return name


@pytest.fixture(scope="module")
def own_template(own_postgres: OwnServer) -> str:
    """The name of a migrated database on the server of the module's own."""
    name = own_postgres.server.create()
    migrate(own_postgres.server.url(name))
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh migrated database."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "propale.db")
        yield f"sqlite:///{tmp_path / 'propale.db'}"
        return
    yield from fresh_on_postgres(request)


def fresh_on_postgres(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a migrated database there, dropped afterwards."""
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = server.create(request.getfixturevalue("postgres_template"))
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A fresh database, its connections closed at the end."""
    fresh = Database(database_url)
    yield fresh
    fresh.engine.dispose()


def migrate(url: str) -> None:
    """Run the release step on a database, as a deployment does."""
    command = [sys.executable, "-m", "app.commands", "migrate"]
    environ = {**os.environ, **CLOSED, "DATABASE_URL": url}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"migrating {url} failed:\n{done.stdout}{done.stderr}")
