"""What a worker says while Redis or the database is away, in its idle hours too."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.runtime import Runtime
from app.settings import Settings
from sandbox.processes import listens
from tests.support import machine
from tests.support.environ import CLOSED
from tests.support.house import House
from tests.support.logs import Lines
from tests.support.servers import free_port, running
from tests.support.waiting import until
from workers.drain import Drain
from workers.handlers import HANDLERS
from workers.sweep import Sweep

ROOT = Path(__file__).parents[2]


@contextmanager
def redis(port: int, folder: Path) -> Iterator[None]:
    program = machine.redis_program()
    if program is None:
        pytest.skip("no Redis or Valkey on this machine")
    no_files = ["--save", "", "--appendonly", "no"]
    command = [str(program), "--bind", "127.0.0.1", "--port", str(port), *no_files]
    with running(command, lambda: listens("127.0.0.1", port), folder):
        yield


@contextmanager
def worker(port: int, database: Path, log: Path) -> Iterator[None]:
    own = {
        "DATABASE_URL": f"sqlite:///{database}",
        "DATA_DIR": str(log.parent),
        "REDIS_URL": f"redis://127.0.0.1:{port}/0",
    }
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "workers"],
            cwd=ROOT,
            env={**os.environ, **CLOSED, **own},
            stderr=out,
            start_new_session=True,
        )
    try:
        yield
    finally:
        process.kill()
        process.wait()


def test_redis_that_goes_and_comes_back_is_two_lines(sqlite_template: Path, tmp_path: Path) -> None:
    port, log, database = free_port(), tmp_path / "log", tmp_path / "propale.db"
    shutil.copy(sqlite_template, database)
    with worker(port, database, log):
        until(lambda: "Redis is away" in log.read_text())
        with redis(port, tmp_path):
            until(lambda: "Redis is back" in log.read_text())
        until(lambda: log.read_text().count("Redis is away") == 2)
        with redis(port, tmp_path):
            until(lambda: log.read_text().count("Redis is back") == 2)
            said = log.read_text().splitlines()

    assert [line.split("] ")[1][:13] for line in said] == ["Redis is away", "Redis is back"] * 2


@contextmanager
def sweeping(runtime: Runtime) -> Iterator[None]:
    drain = Drain(runtime, HANDLERS)
    thread = threading.Thread(target=Sweep(runtime, drain).run)
    thread.start()
    try:
        yield
    finally:
        drain.stopping.set()
        thread.join()


def test_sweep_without_the_database_says_so_without_a_trace(lines: Lines) -> None:
    nowhere = f"postgresql+psycopg://propale@127.0.0.1:{free_port()}/propale"
    runtime = Runtime.start(Settings.from_env({**CLOSED, "DATABASE_URL": nowhere}))

    with sweeping(runtime):
        until(lambda: lines.of("The database is away; what needs it waits", log_level="warning"))

    assert len(lines.captured.entries) == 1


def test_sweep_says_that_the_database_is_back(house: House, lines: Lines) -> None:
    house.runtime.database.outage.goes_on("gone")

    with sweeping(house.runtime):
        until(lambda: lines.of("The database is back"))

    assert len(lines.of("The database is back")) == 1
