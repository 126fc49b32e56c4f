"""Brings a database to the newest schema, while the version before goes on working with it.

Each migration is a commit of its own. A lock that is not had at once is let go and asked for again:
whoever comes after us for the same table waits behind us.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from app.db import Database

LOCK_SECONDS = 2
TRIES = 20
PAUSE_SECONDS = 3.0
# Of whoever migrates: a second one waits for the first. Any number will do that nobody else takes.
MIGRATING = 7_201_970
# https://www.postgresql.org/docs/current/errcodes-appendix.html: lock_not_available, deadlock
BUSY = ("55P03", "40P01")
FOLDER = Path(__file__).parent / "migrations"


def config(connection: Connection) -> Config:
    """Alembic's configuration for a connection that is already open."""
    settings = Config()
    settings.set_main_option("script_location", str(FOLDER))
    settings.attributes["connection"] = connection
    return settings


class BlockedError(Exception):
    """Others kept a table in use; the migrations before it stand. The text is the database's."""


def migrate(
    database: Database,
    target: str = "head",
    *,
    tries: int = TRIES,
    pause_seconds: float = PAUSE_SECONDS,
) -> None:
    """Upgrade to a revision. Raises `BlockedError` when a lock was asked for `tries` times."""
    for left in reversed(range(tries)):
        try:
            with _alone(database) as connection:
                command.upgrade(config(connection), target)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) not in BUSY:
                raise
            if not left:
                raise BlockedError(str(error.orig).partition("\n")[0]) from error
            time.sleep(pause_seconds)
        else:
            return


@contextmanager
def _alone(database: Database) -> Iterator[Connection]:
    """A connection that waits for locks a moment only; nobody else migrates meanwhile."""
    with database.engine.connect() as connection:
        if database.sqlite:
            yield connection
            return
        with connection.begin():
            connection.execute(text(f"SET lock_timeout = '{LOCK_SECONDS}s'"))
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATING})
        try:
            yield connection
        finally:
            connection.rollback()
            with connection.begin():
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": MIGRATING})
                connection.execute(text("RESET lock_timeout"))


class Standing(StrEnum):
    """How a database's tables stand to this version: `NEWER` are those of a later version."""

    CURRENT = "current"
    EMPTY = "empty"
    BEHIND = "behind"
    NEWER = "newer"


def standing(database: Database) -> Standing:
    """Which tables it has; reads only."""
    with database.engine.connect() as connection:
        script = ScriptDirectory.from_config(config(connection))
        revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None:
        return Standing.EMPTY
    try:
        script.get_revision(revision)
    except CommandError:
        return Standing.NEWER
    return Standing.CURRENT if revision == script.get_current_head() else Standing.BEHIND


def is_migrated(database: Database) -> bool:
    """Whether its tables are those of this version; reads only."""
    return standing(database) is Standing.CURRENT
