"""What the Dockerfile puts into the image is all that production needs: done here in a folder."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
from redis import Redis

from sandbox.processes import Processes
from tests.support.deployment import ROOT, dockerfile, last_stage, procfile
from tests.support.servers import free_port
from tests.unit.test_settings import PRODUCTION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.postgres import PostgresServer


def make_packages(folder: Path) -> Path:
    """Do what the first stage does; returns the folder of its programs."""
    stage = [one for one in dockerfile() if one.stage == 0]
    for one in stage:
        if one.word == "COPY":
            copy(one.copied(), folder)
        elif one.word == "RUN":
            subprocess.run(one.rest, shell=True, cwd=folder, check=True, capture_output=True)
    return folder / ".venv" / "bin"


def copy(copied: tuple[list[str], str], folder: Path) -> None:
    for source in copied[0]:
        if (ROOT / source).is_dir():
            unneeded = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / source, folder / copied[1], ignore=unneeded)
        else:
            shutil.copy(ROOT / source, folder / copied[1])


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A folder with the files of the image, and nothing of ours beside it."""
    folder = tmp_path / "image"
    folder.mkdir()
    for one in last_stage("COPY"):
        if "--from" not in one.rest:
            copy(one.copied(), folder)
    return folder


@pytest.fixture(params=["these packages", pytest.param("its own packages", marks=pytest.mark.long)])
def programs(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Where python and gunicorn are; with `--long` they are installed as the Dockerfile does."""
    return Path(sys.executable).parent if "these" in request.param else make_packages(tmp_path)


@pytest.fixture
def started(
    image: Path,
    programs: Path,
    postgres_server: PostgresServer,
    redis_url: str,
    tmp_path: Path,
) -> Iterator[Processes]:
    """Migrated, then web and worker, by the Procfile's lines and with production's settings."""
    name = postgres_server.create()
    stores = {"DATABASE_URL": postgres_server.url(name), "REDIS_URL": redis_url}
    env = {**PRODUCTION, **stores, "DATA_DIR": str(tmp_path / "data"), "PORT": str(free_port())}
    processes = Processes(image, {**env, "PATH": f"{programs}:{os.defpath}"}, tmp_path / "logs")
    lines: dict[str, Any] = {k: ["sh", "-c", f"exec {v}"] for k, v in procfile().items()}
    processes.start("release", *lines["release"], passing=True)
    processes.running["release"].wait(30)
    processes.start("web", *lines["web"])
    processes.start("worker", *lines["worker"])
    yield processes
    processes.stop()
    postgres_server.drop(name)


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=2).ok
    except requests.RequestException:
        return False


def takes_rings(redis_url: str) -> bool:
    """Whether a worker is past its start: before that, SIGTERM ends it as it ends any program."""
    with Redis.from_url(redis_url) as client:
        return bool(client.scard("rq:workers"))


@pytest.mark.timeout(400)
def test_image_runs_the_product(started: Processes) -> None:
    web = f"http://127.0.0.1:{started.env['PORT']}"

    started.wait_until(lambda: answers(f"{web}/readyz"), "web")
    started.wait_until(lambda: takes_rings(started.env["REDIS_URL"]), "worker")

    assert answers(f"{web}/healthz")
    ready = requests.get(f"{web}/readyz", timeout=5).json()
    assert (ready["database"], ready["redis"]) == ("ok", "ok")
    for name in ("worker", "web"):
        process = started.running.pop(name)
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0, (started.logs / f"{name}.log").read_text()
