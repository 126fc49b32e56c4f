"""A sandbox with settings of its own, for the tests that look at the sandbox itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.server import Server, serve
from sandbox.settings import on_free_ports


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = serve(on_free_ports(tmp_path_factory.mktemp("own-sandbox")))
    yield server
    server.close()
