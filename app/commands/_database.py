"""What a command works on: a database of this version, which must be there, and a tenant in it."""

from pathlib import Path

from sqlalchemy import make_url, select

from app.commands._words import reader_language
from app.db import EVERY_TENANT, Database
from app.errors import AppError
from app.language import say
from app.migrate import is_migrated
from app.models import Tenant
from app.runtime import Runtime
from app.settings import Settings


def start_on_database() -> Runtime:
    """What the settings name; `AppError` where it is no database of ours. Makes none itself."""
    settings = Settings.from_env()
    require_database(settings)
    runtime = Runtime.start(settings)
    if not is_migrated(runtime.database):
        raise AppError("usage", say(reader_language(), "command.not_migrated"))
    runtime.database.bell = lambda: None  # a process that ends at once rings by itself
    return runtime


def require_database(settings: Settings) -> None:
    """Raise `AppError` where SQLite would make a new file: its path was mistyped."""
    path = _file(settings.database_url)
    if path and not path.is_file():
        raise AppError("usage", say(reader_language(), "command.no_database", path=path))


def get_tenant(database: Database, hub_id: int, language: str) -> Tenant:
    """The tenant of a HubSpot account; raises `AppError` where it has not installed us."""
    with database.reading(EVERY_TENANT) as session:
        found = session.scalars(select(Tenant).where(Tenant.hub_id == hub_id)).first()
    if found is None:
        raise AppError("usage", say(language, "command.unknown_tenant", hub_id=hub_id))
    return found


def _file(database_url: str) -> Path | None:
    """Where SQLite keeps it; None for a server's."""
    url = make_url(database_url)
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None
