"""The sandbox inside the test process: real HTTP and SMTP on free ports, emptied for each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.settings import Settings
from tests.support.environ import CLOSED, sandbox_names
from tests.support.servers import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.server import Server


@pytest.fixture(scope="session")
def sandbox_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The session's sandbox, which trusts the product of `CLOSED`."""
    from sandbox.server import serve  # noqa: PLC0415 - most tests need none of the vendors

    names = sandbox_names(f"http://127.0.0.1:{free_port()}", f"smtp://127.0.0.1:{free_port()}")
    data = {"DATA_DIR": str(tmp_path_factory.mktemp("sandbox")), "DATABASE_URL": ""}
    server = serve(Settings.from_env({**CLOSED, **names, **data}))
    yield server
    server.close()


@pytest.fixture
def sandbox(request: pytest.FixtureRequest, sandbox_server: Server) -> Server:
    """A fresh sandbox; in a test with a database it moves the product's clock too."""
    world = sandbox_server.world
    world.clock.database_url = ""  # the database of the last test is gone
    world.reset()
    if "database_url" in request.fixturenames:
        world.clock.database_url = request.getfixturevalue("database_url")
    return sandbox_server
