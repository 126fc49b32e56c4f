"""Everything the storm needs, as real processes: two web, two workers, the servers, the sandbox."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from sandbox import demo, demo_processes
from sandbox.processes import Processes, listens
from sandbox.settings import Settings
from tests.support import machine
from tests.support.postgres import OwnServer, own_server
from tests.support.product import ROOT, make_product
from tests.support.servers import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

WEBS, WORKERS = ("web1", "web2"), ("worker1", "worker2")
WEB_THREADS = 16
# Every process of the stage is killed by the kernel when the thread that started it ends.
_WITH_US = ("setpriv", "--pdeathsig", "KILL")


class Mortal(Processes):
    """Processes that never outlive the driver, whatever ends it: start them in its main thread."""

    def start(self, name: str, *command: object, passing: bool = False) -> None:
        super().start(name, *_WITH_US, *command, passing=passing)


@dataclass
class Stage:
    """What runs. `url` is the product's address, `sandbox_url` the vendors'."""

    env: dict[str, str]
    processes: Mortal
    postgres: OwnServer
    database: str
    sandbox_file: Path

    @property
    def url(self) -> str:
        return self.env["PUBLIC_URL"]

    @property
    def sandbox_url(self) -> str:
        return self.env["HUBSPOT_API_BASE"].removesuffix("/hubspot")

    def connect(self) -> psycopg.Connection:
        """Return a connection to our tables, for plain SQL; it goes by the server's own socket."""
        folder, port = self.postgres.server.folder, self.postgres.server.port
        where = f"host={folder} port={port} user=postgres dbname={self.database}"
        return psycopg.connect(
            where, autocommit=True, connect_timeout=5, application_name="observer"
        )

    def kill(self, name: str) -> None:
        """SIGKILL a process and all it has started."""
        process = self.processes.running[name]
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextmanager
def stage() -> Iterator[Stage]:
    """Start everything, installed for two sellers; end and remove it with the block."""
    folder = Path(tempfile.mkdtemp(prefix="propale-chaos-"))
    folder.chmod(0o755)  # PostgreSQL may run as somebody else
    redis_port = free_port()
    with own_server() as postgres:
        # An immediate shutdown is to lose no commit.
        postgres.command = [*_WITH_US, *postgres.command, "-c", "synchronous_commit=on"]
        with postgres.up():
            database = postgres.server.create()
            redis_url = f"redis://127.0.0.1:{redis_port}/0"
            env = make_product(folder, postgres.server.url(database), redis_url).env
            here = Stage(
                env, Mortal(ROOT, env, folder / "logs"), postgres, database, folder / "sandbox.db"
            )
            try:
                _start(here, redis_port)
                yield here
            finally:
                here.processes.stop()
    shutil.rmtree(folder, ignore_errors=True)


def _start(here: Stage, redis_port: int) -> None:
    processes = here.processes
    _start_redis(processes, redis_port)
    demo_processes.start_sandbox(processes)
    demo_processes.migrate(processes)
    for name in WEBS:
        _start_web(processes, name, here.env["PORT"])
    for name in WORKERS:
        processes.start(name, "python", "-m", "workers")
    processes.wait_until(lambda: listens("127.0.0.1", redis_port), "redis")
    demo_processes.wait_for_sandbox(processes, here.env)
    demo_processes.wait_for_web(processes, here.env)
    for seller in (demo.FIRST, demo.OTHER):
        demo.install(Settings.from_env(here.env), seller)


def _start_redis(processes: Mortal, port: int) -> None:
    no_files = ("--save", "", "--appendonly", "no", "--dir", processes.logs)
    program = machine.redis_program()
    processes.start("redis", program, "--bind", "127.0.0.1", "--port", port, *no_files)


def _start_web(processes: Mortal, name: str, port: str) -> None:
    """One of several gunicorns on one port, where the kernel spreads the connections."""
    threads = ("--worker-class", "gthread", "--workers", 1, "--threads", WEB_THREADS)
    bind = ("--bind", f"127.0.0.1:{port}", "--reuse-port", "--no-control-socket")
    processes.start(name, "python", "-m", "gunicorn", "app.wsgi:application", *bind, *threads)
