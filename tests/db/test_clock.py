"""Business time: moved by one row in the sandbox, never in production."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.clock import wall_now
from app.db import EVERY_TENANT, Base, UtcDateTime
from app.models import BusinessClock
from app.runtime import Runtime, refuse_moved_clock
from app.setting_problems import SettingsError
from app.settings import Settings
from tests.unit.test_settings import PRODUCTION

if TYPE_CHECKING:
    from app.db import Database

MONTH = timedelta(days=31)


def move(database: Database) -> None:
    with database.writing(EVERY_TENANT) as session:
        session.add(BusinessClock(id=1, offset_seconds=int(MONTH.total_seconds())))


def test_every_instant_of_ours_says_its_clock() -> None:
    instants = {
        f"{table.name}.{column.name}": column.info.get("clock")
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, UtcDateTime)
    }

    assert {name for name, clock in instants.items() if clock not in ("wall", "business")} == set()


def test_row_moves_business_time_at_once(database: Database, settings: Settings) -> None:
    clock = Runtime.start(settings).clock
    before = clock.now() - wall_now()

    move(database)

    assert abs(before) < timedelta(seconds=5)
    assert abs(clock.now() - wall_now() - MONTH) < timedelta(seconds=5)


def test_production_refuses_a_moved_clock(database: Database) -> None:
    production = Settings.from_env(PRODUCTION)
    refuse_moved_clock(production, database)
    move(database)

    with pytest.raises(SettingsError, match="moved business clock"):
        refuse_moved_clock(production, database)


def test_sandbox_starts_with_a_moved_clock(database: Database, settings: Settings) -> None:
    move(database)

    refuse_moved_clock(settings, database)
