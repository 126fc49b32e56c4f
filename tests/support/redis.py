"""One real Redis per session: Debian's redis-server where installed, else the bundled Valkey."""

from __future__ import annotations

import os
import signal
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from redis import Redis

from sandbox.processes import listens
from tests.support import machine
from tests.support.servers import free_port, running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """The address of the session's server, or a skip that says it is missing."""
    program = machine.redis_program()
    if program is None:
        pytest.skip("no Redis or Valkey on this machine")
    port = free_port()
    no_files = ["--save", "", "--appendonly", "no"]
    command = [str(program), "--bind", "127.0.0.1", "--port", str(port), *no_files]
    with (
        tempfile.TemporaryDirectory() as folder,
        running(command, lambda: listens("127.0.0.1", port), Path(folder)),
    ):
        yield f"redis://127.0.0.1:{port}/0"


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """The server's address, with nothing in it."""
    with Redis.from_url(redis_server) as client:
        client.flushall()
    return redis_server


@contextmanager
def frozen(redis_url: str) -> Iterator[None]:
    """Redis takes connections and answers nothing."""
    with Redis.from_url(redis_url) as client:
        pid = int(client.info("server")["process_id"])
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
