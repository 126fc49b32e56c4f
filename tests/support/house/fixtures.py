"""The fixtures of houses: on SQLite, or with an `indirect` parameter on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.db import Database
from app.settings import Settings
from sandbox.server import Server
from tests.support.databases import fresh_on_postgres
from tests.support.environ import CLOSED, sandbox_names
from tests.support.house.accounts import OTHER
from tests.support.house.building import install, make_runtime
from tests.support.house.prepared import Prepared, prepare_house
from tests.support.house.visitors import House

# The mark of a test whose house stands on each database in turn.
ON_BOTH = pytest.mark.parametrize("house_database", ["sqlite", "postgresql"], indirect=True)
# The same for what says no SQL of its own: on PostgreSQL with --long only.
ON_BOTH_AT_LENGTH = pytest.mark.parametrize(
    "house_database",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)],
    indirect=True,
)


@pytest.fixture(scope="session")
def prepared_house(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Prepared]:
    """The session's SQLite database for houses."""
    file = tmp_path_factory.mktemp("house") / "house.db"
    shutil.copy(sqlite_template, file)
    prepared = Prepared(file, sqlite_template, Database(f"sqlite:///{file}"))
    yield prepared
    prepared.database.engine.dispose()


@pytest.fixture
def house_database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a SQLite file; with `indirect` parameter `postgresql` a database there."""
    if getattr(request, "param", "sqlite") == "sqlite":
        prepared: Prepared = request.getfixturevalue("prepared_house")
        yield f"sqlite:///{prepared.file}"
        return
    yield from fresh_on_postgres(request)


@pytest.fixture
def house_settings(
    request: pytest.FixtureRequest, sandbox: Server, house_database: str, tmp_path: Path
) -> Settings:
    """The product's settings beside this sandbox; a test with `redis_url` has that Redis."""
    world = sandbox.world
    world.clock.database_url = house_database
    redis = {}
    if "redis_url" in request.fixturenames:
        redis["REDIS_URL"] = request.getfixturevalue("redis_url")
    names = sandbox_names(sandbox.url, world.settings.smtp_url)
    ours = {"DATA_DIR": str(tmp_path), "DATABASE_URL": house_database}
    return Settings.from_env({**CLOSED, **names, **ours, **redis})


@pytest.fixture
def house(
    request: pytest.FixtureRequest, sandbox: Server, house_settings: Settings
) -> Iterator[House]:
    """Portal 148111, installed and connected."""
    if house_settings.database_url.startswith("sqlite"):
        made = prepare_house(request.getfixturevalue("prepared_house"), sandbox, house_settings)
    else:
        made = install(sandbox, make_runtime(house_settings))
    yield made
    made.drain.stopping.set()
    made.drain._pool.shutdown()
    if not made.runtime.database.sqlite:
        made.runtime.database.engine.dispose()


@pytest.fixture
def other_house(sandbox: Server, house: House) -> House:
    """Portal 148222 on the same product; its deals share ids with the first."""
    return install(sandbox, house.runtime, OTHER)
