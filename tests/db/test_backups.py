"""Backups asked for wrongly, and files that are not whole: one sentence, and nothing is touched."""

from __future__ import annotations

import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic import command
from sqlalchemy import inspect, make_url

from app.backups import STORES, back_up, restore
from app.backups.failing import BackupFailedError
from app.commands.restore import say_what_next
from app.db import EVERY_TENANT, Database
from app.errors import AppError
from app.migrate import config
from app.models import Tenant
from app.seal import Sealer
from tests.factories import SEALER, make_connection, make_tenant
from tests.unit.test_commands import process

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.support.postgres import PostgresServer

pytestmark = pytest.mark.usefixtures("postgres_tools")
ON_POSTGRES = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "propale.backup"


@dataclass(frozen=True)
class Place:
    """A database and its address."""

    database: Database
    url: str

    def back_up(self, file: Path) -> None:
        back_up(self.database, self.url, file, "en")

    def restore(self, file: Path) -> None:
        restore(self.database, self.url, file, "en")

    def tables(self) -> list[str]:
        return sorted(inspect(self.database.engine).get_table_names())


@pytest.fixture
def ours(database: Database, database_url: str) -> Place:
    return Place(database, database_url)


@pytest.fixture
def fresh(
    request: pytest.FixtureRequest, database_url: str, tmp_path: Path
) -> Iterator[Callable[[], Place]]:
    """Makes empty databases of the same kind."""
    made: list[Place] = []

    def make() -> Place:
        if database_url.startswith("sqlite"):
            url = f"sqlite:///{tmp_path / f'fresh{len(made)}.db'}"
        else:
            server: PostgresServer = request.getfixturevalue("postgres_server")
            url = server.url(server.create())
        made.append(Place(Database(url), url))
        return made[-1]

    yield make
    for place in made:
        place.database.engine.dispose()


@pytest.fixture
def empty(fresh: Callable[[], Place]) -> Place:
    return fresh()


def test_backup_is_for_its_owner_alone(ours: Place, file: Path) -> None:
    ours.back_up(file)

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.glob("propale.backup*")] == [file.name]


def test_rows_come_back_as_they_were(ours: Place, file: Path, empty: Place) -> None:
    tenant = make_tenant(ours.database)
    make_connection(ours.database, tenant, "stripe", {"key": "rk_test_x"})
    ours.back_up(file)

    empty.restore(file)

    assert empty.tables() == ours.tables()
    with empty.database.reading(EVERY_TENANT) as session:
        assert session.get_one(Tenant, tenant.id).hub_id == tenant.hub_id


def test_backup_is_never_written_over(ours: Place, file: Path) -> None:
    file.write_text("yesterday's")

    with pytest.raises(AppError, match="exists already"):
        ours.back_up(file)

    assert file.read_text() == "yesterday's"


def test_two_of_one_name_at_once_are_both_whole(
    ours: Place, file: Path, empty: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_tenant(ours.database)
    name = make_url(ours.url).get_backend_name()
    usual = STORES[name]

    class Slow:
        """Another backup begins and ends while this one is written."""

        is_ours, load = staticmethod(usual.is_ours), staticmethod(usual.load)

        def dump(self, database_url: str, unfinished: Path) -> None:
            usual.dump(database_url, unfinished)
            monkeypatch.setitem(STORES, name, usual)
            ours.back_up(file)

    monkeypatch.setitem(STORES, name, Slow())
    ours.back_up(file)

    empty.restore(file)
    assert empty.tables() == ours.tables()
    assert [path.name for path in file.parent.glob("propale.backup*")] == [file.name]


def test_missing_folder_is_said(ours: Place, tmp_path: Path) -> None:
    with pytest.raises(AppError, match="There is no folder"):
        ours.back_up(tmp_path / "none" / "file")


def test_empty_database_is_not_backed_up(empty: Place, file: Path) -> None:
    with pytest.raises(AppError, match="nothing to back up"):
        empty.back_up(file)

    assert not file.exists()


def test_database_in_use_is_not_restored_over(ours: Place, file: Path) -> None:
    ours.back_up(file)
    tenant = make_tenant(ours.database)

    with pytest.raises(AppError, match="not empty"):
        ours.restore(file)

    with ours.database.reading(EVERY_TENANT) as session:
        assert session.get(Tenant, tenant.id)


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def change(file: Path) -> None:
    text = bytearray(file.read_bytes())
    middle = len(text) // 2
    text[middle : middle + 10_000] = b"\xff" * 10_000  # a page and more
    file.write_bytes(text)


@pytest.mark.parametrize("damage", [cut, change])
def test_damaged_backup_fills_nothing(
    ours: Place,
    file: Path,
    empty: Place,
    damage: Callable[[Path], None],
) -> None:
    ours.back_up(file)
    damage(file)

    with pytest.raises(BackupFailedError):
        empty.restore(file)

    assert empty.tables() == []


@pytest.mark.parametrize("content", [b"", b"PGDM", b"SQLite format 2\0", b"some other file"])
def test_file_of_another_kind_is_refused(empty: Place, file: Path, content: bytes) -> None:
    file.write_bytes(content)

    with pytest.raises(AppError, match="is not a backup that"):
        empty.restore(file)


def test_missing_file_is_said(empty: Place, file: Path) -> None:
    with pytest.raises(AppError, match="There is no file"):
        empty.restore(file)


def test_backup_of_something_else_is_named(
    fresh: Callable[[], Place], empty: Place, file: Path
) -> None:
    other = fresh()
    with other.database.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE plants (id INTEGER)")
    STORES[other.database.engine.dialect.name].dump(other.url, file)

    with pytest.raises(BackupFailedError, match="not the tables of Propale"):
        empty.restore(file)


def test_restored_database_says_what_is_next(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    make_connection(database, make_tenant(database), "stripe", {"key": "rk_test_x"})

    known = say_what_next(database, SEALER, "en"), capsys.readouterr()
    lost = say_what_next(database, Sealer("another"), "en"), capsys.readouterr()

    assert known[0] == 0
    assert "reconcile --repair" in known[1].out
    assert lost[0] == 1
    assert lost[1].err.startswith("Secrets that ENCRYPTION_KEYS does not open: 1.")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_older_backup_leads_to_migrate_first(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.engine.begin() as connection:
        command.downgrade(config(connection), "-1")

    assert say_what_next(database, SEALER, "en") == 0
    assert "run ./propale migrate first" in capsys.readouterr().out


SPY = """#!{python}
import pathlib, sys
said = next(w for w in sys.argv if "dbname=" in w)
passfile = pathlib.Path(said.partition("passfile=")[2].split()[0])
mode = oct(passfile.stat().st_mode)
pathlib.Path({note!r}).write_text("\\n".join((said, passfile.read_text() + mode)))
sys.exit("no more")
"""


@ON_POSTGRES
def test_password_is_not_among_the_programs_words(database_url: str, tmp_path: Path) -> None:
    note = tmp_path / "note"
    spy = tmp_path / "pg_dump"
    spy.write_text(SPY.format(python=sys.executable, note=str(note)))
    spy.chmod(0o755)
    url = make_url(database_url).set(password="a:b\\c")
    path = f"{tmp_path}:{os.environ['PATH']}"

    ended = process(
        f"backup {tmp_path / 'file'}",
        DATABASE_URL=url.render_as_string(hide_password=False),
        PATH=path,
    )

    said, password, mode = note.read_text().splitlines()
    assert "a:b" not in said
    assert (password, mode) == ("*:*:*:*:a\\:b\\\\c", "0o100600")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == "The backup failed and left no file: “no more”\n"
    assert not (tmp_path / "file").exists()


@ON_POSTGRES
def test_missing_program_is_one_sentence(database_url: str, tmp_path: Path) -> None:
    line = f"backup {tmp_path / 'file'}"

    ended = process(line, DATABASE_URL=database_url, PATH=str(tmp_path))

    assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1)
    assert ended.stderr.startswith("pg_dump is not on the PATH")
    assert list(tmp_path.glob("file*")) == []
