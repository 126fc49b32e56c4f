"""What each of our processes holds while it runs: settings, database, clock, sealer, bell."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from sqlalchemy.exc import OperationalError

from app.bell import Bell
from app.clock import Clock
from app.db import EVERY_TENANT, Database
from app.models import BusinessClock
from app.seal import Sealer
from app.setting_problems import Problem, SettingsError
from app.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Runtime:
    """Made once at the edge (web, worker, command) and handed down."""

    settings: Settings
    database: Database
    clock: Clock
    sealer: Sealer
    bell: Bell

    @classmethod
    def start(cls, settings: Settings) -> "Runtime":
        """Make everything the settings name; nothing connects before its first use."""
        database = Database(settings.database_url)
        bell = Bell(settings.redis_url)
        database.bell = bell.ring
        return cls(settings, database, _clock(settings, database), _sealer(settings), bell)


def _sealer(settings: Settings) -> Sealer:
    return Sealer(settings.encryption_keys)


def _clock(settings: Settings, database: Database) -> Clock:
    if settings.production:
        return Clock()
    return Clock(lambda: read_offset(database))


def patiently(database: Database, ask: Callable[[], T], pause_seconds: float = 1.0) -> T:
    """What `ask` reads once PostgreSQL answers: a process that starts while it is away waits.

    To see first whether it answers would not do, because it can go between two questions.
    A SQLite file is there or is not: raises `OperationalError`.
    """
    while True:
        try:
            answer = ask()
        except OperationalError as error:
            if database.sqlite:
                raise
            database.outage.goes_on(error.orig)
            time.sleep(pause_seconds)
        else:
            database.outage.is_over()
            return answer


def read_offset(database: Database) -> timedelta:
    """How far the sandbox has moved business time."""
    with database.reading(EVERY_TENANT) as session:
        row = session.get(BusinessClock, 1)
        return timedelta(seconds=row.offset_seconds if row else 0)


def refuse_moved_clock(settings: Settings, database: Database) -> None:
    """Production keeps business time at wall time: an offset row stops the start."""
    with database.reading(EVERY_TENANT) as session:
        moved = session.get(BusinessClock, 1) is not None
        if moved and settings.production:
            raise SettingsError(Problem("moved_clock"))
