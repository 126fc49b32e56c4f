"""The whole product as real processes on free ports, as the demo runs it.

product = processes(redis_url=redis_url)
page.goto(product.sandbox_url)
os.kill(product.pid("worker"), signal.SIGKILL)
product.restart_worker()
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sandbox import demo_processes
from sandbox.processes import Processes
from tests.support.environ import CLOSED, sandbox_names
from tests.support.outcome import has_failed
from tests.support.servers import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]


@dataclass
class Product:
    """Web, worker and sandbox while they run; `env` is what all of them read."""

    url: str
    sandbox_url: str
    env: dict[str, str]
    processes: Processes

    def pid(self, name: str) -> int:
        """Return the process id of `web`, `worker` or `sandbox`."""
        return self.processes.running[name].pid

    def restart_worker(self) -> None:
        """Start a worker, after the last one was killed."""
        self.processes.running.pop("worker").wait()
        demo_processes.start_worker(self.processes)


@pytest.fixture
def processes(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., Product]]:
    """A starter: `processes(database_url=..., redis_url=..., worker=True, installed=True)`.

    Without a database address it is a new SQLite file, without a Redis address nobody listens
    there. All ends with the test; after a failure the logs are under test-results/.
    """
    started: list[Product] = []

    def start(
        *,
        database_url: str | None = None,
        redis_url: str | None = None,
        worker: bool = True,
        installed: bool = True,
    ) -> Product:
        product = make_product(tmp_path / str(len(started)), database_url, redis_url)
        started.append(product)
        start_product(product, worker=worker, installed=installed)
        return product

    yield start
    for product in started:
        product.processes.stop()
        if has_failed(request.node):
            keep_logs(product, request.node.name)


def make_product(folder: Path, database_url: str | None, redis_url: str | None) -> Product:
    """A product on free ports with its data in `folder`; nothing of it runs yet."""
    env = _environ(folder, database_url, redis_url)
    processes = Processes(ROOT, env, folder / "logs")
    return Product(
        env["PUBLIC_URL"], env["HUBSPOT_API_BASE"].removesuffix("/hubspot"), env, processes
    )


def _environ(folder: Path, database_url: str | None, redis_url: str | None) -> dict[str, str]:
    port = free_port()
    names = sandbox_names(f"http://127.0.0.1:{free_port()}", f"smtp://127.0.0.1:{free_port()}")
    ours = {
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DATA_DIR": str(folder),
        "LOG_LEVEL": "INFO",
        "DATABASE_URL": database_url or f"sqlite:///{folder / 'propale.db'}",
    }
    theirs = {"REDIS_URL": redis_url} if redis_url else {}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {
        **os.environ,
        **CLOSED,
        **names,
        **ours,
        **theirs,
        "PATH": path,
        "PYTHONPATH": str(ROOT),
    }


def start_product(product: Product, *, worker: bool = True, installed: bool = True) -> None:
    """Start its processes as the demo does, and have it installed."""
    running, env = product.processes, product.env
    demo_processes.start_sandbox(running)
    demo_processes.migrate(running)
    demo_processes.start_web(running, env)
    if worker:
        demo_processes.start_worker(running)
    demo_processes.wait_for_sandbox(running, env)
    demo_processes.wait_for_web(running, env)
    if installed:
        demo_processes.install(running)


def keep_logs(product: Product, test: str) -> None:
    """Copy what its processes wrote to test-results/, for whoever reads of the failure."""
    name = "".join(sign if sign.isalnum() else "-" for sign in test)
    kept = ROOT / "test-results" / "logs" / name
    shutil.copytree(product.processes.logs, kept, dirs_exist_ok=True)
