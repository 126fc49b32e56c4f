"""Brings a database to the newest schema."""

from enum import StrEnum
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

from app.db import Database

FOLDER = Path(__file__).parent / "migrations"


def config(connection: Connection) -> Config:
    """Alembic's configuration for a connection that is already open."""
    settings = Config()
    settings.set_main_option("script_location", str(FOLDER))
    settings.attributes["connection"] = connection
    return settings


def migrate(database: Database) -> None:
    """Upgrade to head. A lock that is not had within five seconds stops it, changing nothing."""
    with database.engine.begin() as connection:
        if not database.sqlite:
            connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        command.upgrade(config(connection), "head")


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
