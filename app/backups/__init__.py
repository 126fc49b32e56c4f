"""The database as one file, and back: by PostgreSQL's own programs, or SQLite's backup call.

What is sealed stays sealed: without ENCRYPTION_KEYS a backup opens nothing. The keys are kept
apart from it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkstemp
from typing import Protocol

from sqlalchemy import inspect, make_url

from app.backups import postgres, sqlite
from app.backups.after import make_ready
from app.backups.failing import BackupFailedError, ProgramMissingError
from app.db import Database
from app.errors import AppError
from app.language import say
from app.migrate import Standing, standing


class Store(Protocol):
    """How one kind of database is dumped and loaded; each is a module here."""

    def is_ours(self, file: Path) -> bool: ...
    def dump(self, database_url: str, file: Path) -> None: ...
    def load(self, database_url: str, file: Path) -> None: ...


STORES: dict[str, Store] = {"sqlite": sqlite, "postgresql": postgres}


def back_up(database: Database, database_url: str, file: Path, language: str) -> None:
    """Write the database as it is now into a new file, for its owner alone; others go on working.

    A file of that name is there only when it is whole. Raises `AppError` where it cannot begin, and
    `BackupFailedError`.
    """
    if standing(database) is Standing.EMPTY:
        raise AppError("usage", say(language, "backup.nothing"))
    if file.exists() or not file.parent.is_dir():
        found = "exists" if file.exists() else "no_folder"
        raise AppError("usage", say(language, f"backup.{found}", file=file, folder=file.parent))
    # A name of its own for each run: of two at once none may take the other's half.
    handle, name = mkstemp(".unfinished", f"{file.name}.", file.parent)
    os.close(handle)
    unfinished = Path(name)
    try:
        with _program_named(language):
            STORES[make_url(database_url).get_backend_name()].dump(database_url, unfinished)
        unfinished.rename(file)
    finally:
        unfinished.unlink(missing_ok=True)


def restore(database: Database, database_url: str, file: Path, language: str) -> None:
    """Fill an empty database from a backup, all or nothing, and make it ready to go on.

    Raises `AppError` where it cannot begin, and `BackupFailedError`.
    """
    name = make_url(database_url).get_backend_name()
    if not file.is_file():
        raise AppError("usage", say(language, "restore.no_file", file=file))
    if not STORES[name].is_ours(file):
        raise AppError("usage", say(language, "restore.other_kind", file=file, store=name))
    if inspect(database.engine).get_table_names():
        raise AppError("usage", say(language, "restore.not_empty"))
    database.engine.dispose()
    with _program_named(language):
        STORES[name].load(database_url, file)
    if standing(database) is Standing.EMPTY:
        raise BackupFailedError(say(language, "restore.of_others"))
    make_ready(database)


@contextmanager
def _program_named(language: str) -> Iterator[None]:
    try:
        yield
    except ProgramMissingError as missing:
        sentence = say(language, "backup.no_program", program=missing)
        raise AppError("usage", sentence) from missing
