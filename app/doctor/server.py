"""The server: its settings, PostgreSQL, Redis, clocks and disk."""

import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from app.db import EVERY_TENANT, Database
from app.doctor.check import Check, ok, wrong
from app.migrate import Standing, standing
from app.redaction import redact
from app.runtime import Runtime, refuse_moved_clock
from app.setting_problems import SettingsError
from app.settings import Settings
from app.wording.plain import one_line

OLDEST_POSTGRES = 15
LEAST_FREE_MB = 500
MEGABYTE = 1024 * 1024
LONGEST_WORDS = 200


def look_at_ground(read: Callable[[], Settings]) -> tuple[Runtime | None, list[Check]]:
    """Settings, database and tables, without which nothing else can be looked at.

    Gives the runtime where all of them are well; `read` gives the settings.
    """
    settings, checks = read_settings(read)
    if settings is None or not settings.production:
        return None, checks
    try:
        runtime = Runtime.start(settings)
    except ArgumentError:
        return None, [*checks, wrong("server.database", "unreadable")]
    runtime.database.bell = lambda: None  # the doctor rings by itself
    checks += look_at_database(runtime.database)
    if not any(check.is_wrong for check in checks):
        checks.append(look_at_tables(runtime))
    return (None if any(check.is_wrong for check in checks) else runtime), checks


def read_settings(read: Callable[[], Settings]) -> tuple[Settings | None, list[Check]]:
    """The settings, or a check for each thing that is wrong with them."""
    name = "server.settings"
    try:
        settings = read()
    except SettingsError as error:
        return None, [wrong(name, "problem", problem=each) for each in error.problems]
    return settings, [ok(name) if settings.production else wrong(name, "sandbox")]


def look_at_database(database: Database) -> Iterator[Check]:
    """PostgreSQL lets us in and is new enough."""
    name = "server.database"
    try:
        with database.reading(EVERY_TENANT) as session:
            version = int(session.execute(text("SHOW server_version_num")).scalar_one()) // 10_000
    except (DBAPIError, NoConnectionError) as error:
        words = str(getattr(error, "orig", error))
        yield wrong(name, "refused" if "FATAL" in words else "away", words=_short(words))
        return
    new_enough = version >= OLDEST_POSTGRES
    values = {"version": version, "oldest": OLDEST_POSTGRES}
    yield ok(name, **values) if new_enough else wrong(name, "old", **values)


def look_at_tables(runtime: Runtime) -> Check:
    """The tables are those of this version, and no sandbox's."""
    name, stands = "server.tables", standing(runtime.database)
    if stands is not Standing.CURRENT:
        return wrong(name, stands)
    try:
        refuse_moved_clock(runtime.settings, runtime.database)
    except SettingsError:
        return wrong(name, "moved")
    return ok(name)


def look_at_python() -> Check:
    return ok("server.python", version=platform.python_version())


def look_at_disk(folder: Path, least_free_mb: int = LEAST_FREE_MB) -> Check:
    """We may write in DATA_DIR, and there is room."""
    name, where = "server.disk", str(folder)
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"propale")
        free = shutil.disk_usage(folder).free // MEGABYTE
    except OSError as error:
        return wrong(name, "unwritable", folder=where, words=error.strerror or str(error))
    values = {"folder": where, "free": free, "least": least_free_mb}
    return ok(name, **values) if free >= least_free_mb else wrong(name, "full", **values)


def _short(words: str) -> str:
    return one_line(redact(words.partition("\n")[0]), LONGEST_WORDS)
