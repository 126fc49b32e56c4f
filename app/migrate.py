"""Brings a database to the newest schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
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


def is_migrated(database: Database) -> bool:
    """Whether its tables are those of this version; reads only."""
    with database.engine.connect() as connection:
        newest = ScriptDirectory.from_config(config(connection)).get_current_head()
        return MigrationContext.configure(connection).get_current_revision() == newest
