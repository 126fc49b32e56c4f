"""SQLite's own copy of a database in use.

https://www.sqlite.org/backup.html
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from app.backups.failing import BackupFailedError

BEGINNING = b"SQLite format 3\0"


def is_ours(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(BEGINNING)) == BEGINNING


def dump(database_url: str, file: Path) -> None:
    _copy(_path(database_url), file)


def load(database_url: str, file: Path) -> None:
    """Fill the database; a damaged file fills nothing."""
    path = _path(database_url)
    path.parent.mkdir(parents=True, exist_ok=True)
    _check(file)
    _copy(file, path)


def _path(database_url: str) -> Path:
    return Path(make_url(database_url).database or "")


def _check(file: Path) -> None:
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?immutable=1", uri=True)) as opened:
            said = opened.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        said = str(error)
    if said != "ok":
        raise BackupFailedError(said)


def _copy(source: Path, target: Path) -> None:
    try:
        with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(target)) as written:
            read.backup(written)
    except sqlite3.Error as error:
        raise BackupFailedError(str(error)) from error
