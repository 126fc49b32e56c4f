"""One PostgreSQL server per session: Debian's where it is installed, else the wheel's.

`own_postgres` is another one, for tests that stop or freeze it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.support import machine
from tests.support.servers import account, free_port, group_of, running

if TYPE_CHECKING:
    from collections.abc import Iterator

# Nothing of a test session has to survive a power cut.
_QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300")


@dataclass
class PostgresServer:
    """A running server; databases are made from each other and dropped by name."""

    port: int
    folder: Path
    _numbers: Iterator[int] = field(default_factory=count)

    def url(self, database: str = "postgres") -> str:
        """Return SQLAlchemy's address of one database, over loopback TCP."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{database}"

    def create(self, template: str = "template1") -> str:
        """Make a database (a copy of `template`, which nobody may be using) and name it."""
        name = f"test_{next(self._numbers)}"
        self._do(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop(self, database: str) -> None:
        self._do(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def ready(self) -> bool:
        """Tell whether it takes statements; it listens a little before that."""
        try:
            self.ask("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """Run a query as the server's owner, and give its rows."""
        with self._connected() as connection:
            return connection.execute(statement.encode()).fetchall()

    def _do(self, statement: str) -> None:
        with self._connected() as connection:
            connection.execute(statement.encode())

    def _connected(self) -> psycopg.Connection[Any]:
        # The socket lies in the server's own folder.
        where = f"host={self.folder} port={self.port} user=postgres dbname=postgres"
        return psycopg.connect(where, autocommit=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The session's server, or a skip that says it is missing."""
    with own_server() as own, own.up():
        yield own.server


@dataclass
class OwnServer:
    """A server that its test may stop, start again on the same data, or freeze."""

    server: PostgresServer
    command: list[str]
    user: str | None
    _up: ExitStack = field(default_factory=ExitStack)

    def start(self) -> None:
        folder = self.server.folder
        self._up.enter_context(running(self.command, self.server.ready, folder, self.user))

    def stop(self) -> None:
        self._up.close()

    @contextmanager
    def up(self) -> Iterator[None]:
        """Run until the block ends, unless it is stopped before."""
        self.start()
        try:
            yield
        finally:
            self.stop()

    @contextmanager
    def frozen(self, *, whole: bool) -> Iterator[None]:
        """Stop the clients' backends, or every process of the server, without ending any."""
        pids = self._backends()
        if whole:
            main = (self.server.folder / "data" / "postmaster.pid").read_text().split()[0]
            pids.append(int(main))
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                os.kill(pid, signal.SIGCONT)

    def _backends(self) -> list[int]:
        found = self.server.ask(
            "SELECT pid FROM pg_stat_activity "
            "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        return [pid for (pid,) in found]


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[OwnServer]:
    """A running server for the tests of one module; who stops it starts it again."""
    with own_server() as own, own.up():
        yield own


@contextmanager
def own_server(port: int | None = None) -> Iterator[OwnServer]:
    """A fresh cluster in a folder of its own, on a free port unless one is named."""
    programs = machine.postgres_programs()
    if programs is None:
        pytest.skip("no PostgreSQL on this machine")
    folder, user = Path(tempfile.mkdtemp(prefix="propale-pg-")), account()
    if user:
        shutil.chown(folder, user)
    try:
        _make_cluster(programs, folder, user)
        port = port or free_port()
        command = [str(programs / "postgres"), "-D", str(folder / "data"), "-p", str(port)]
        places = ("listen_addresses=127.0.0.1", f"unix_socket_directories={folder}")
        options = [word for setting in (*places, *_QUICK) for word in ("-c", setting)]
        yield OwnServer(PostgresServer(port, folder), [*command, *options], user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """An empty database of the session."""
    name = postgres_server.create()
    yield postgres_server.url(name)
    postgres_server.drop(name)


@pytest.fixture
def postgres_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put pg_dump and pg_restore of the session's server on the PATH."""
    monkeypatch.setenv("PATH", f"{machine.postgres_programs()}:{os.environ['PATH']}")


def _make_cluster(programs: Path, folder: Path, user: str | None) -> None:
    settings = ("--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
    command = [str(programs / "initdb"), "-D", str(folder / "data"), "--no-sync", *settings]
    subprocess.run(
        command,
        cwd=folder,
        check=True,
        capture_output=True,
        user=user,
        group=group_of(user),
        extra_groups=[] if user else None,
    )
