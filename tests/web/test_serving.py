"""gunicorn's parent process, started as in production by the Procfile's line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.support.deployment import ROOT, procfile
from tests.support.servers import free_port
from tests.unit.test_settings import PRODUCTION

LONGEST_SECONDS = 20


@pytest.fixture
def environ() -> dict[str, str]:
    """Production, where nothing answers."""
    port = str(free_port())
    database = f"postgresql+psycopg://propale@127.0.0.1:{port}/propale"
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    own = {"HOME": os.devnull, "PATH": path, "PORT": port, "LC_ALL": "C.UTF-8"}
    return {**PRODUCTION, **own, "DATABASE_URL": database}


@contextmanager
def started(environ: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = ["sh", "-c", f"exec {procfile()['web']}"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environ, stdout=out, stderr=out, start_new_session=True
        )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_parent_writes_json_as_its_workers_do(environ: dict[str, str], tmp_path: Path) -> None:
    log, give_up = tmp_path / "log", time.monotonic() + LONGEST_SECONDS
    with started(environ, log) as process:
        while b"Booting" not in log.read_bytes() and time.monotonic() < give_up:
            time.sleep(0.05)

        process.send_signal(signal.SIGQUIT)
        process.wait(LONGEST_SECONDS)

    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    said = {line["event"].partition(" ")[0] for line in lines if line["module"] == "gunicorn.error"}
    assert {"Starting", "Listening", "Booting", "Shutting"} <= said


def test_wrong_settings_end_the_parent_at_once(environ: dict[str, str], tmp_path: Path) -> None:
    log = tmp_path / "log"

    with started({**environ, "SECRET_KEY": ""}, log) as process:
        status = process.wait(LONGEST_SECONDS)

    assert status == 1
    assert log.read_text(encoding="utf-8").count("SECRET_KEY is missing") == 1
