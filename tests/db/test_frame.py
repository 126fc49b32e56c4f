"""What every other test of the database stands on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import inspect

from app.db import EVERY_TENANT, Database
from app.models import BusinessClock

if TYPE_CHECKING:
    from sandbox.server import Server


@pytest.mark.parametrize("turn", ["first", "second"])
def test_each_test_gets_a_migrated_database_of_its_own(database: Database, turn: str) -> None:
    assert "alembic_version" in inspect(database.engine).get_table_names(), turn

    with database.writing(EVERY_TENANT) as session:
        assert session.get(BusinessClock, 1) is None
        session.add(BusinessClock(id=1, offset_seconds=60))


@pytest.mark.parametrize("turn", ["first", "second"])
def test_sandbox_moves_the_clock_of_this_database(
    database: Database, sandbox: Server, turn: str
) -> None:
    assert sandbox.world.clock.offset == timedelta(0), turn

    sandbox.world.clock.advance(timedelta(days=1))

    with database.reading(EVERY_TENANT) as session:
        row = session.get(BusinessClock, 1)
        assert row is not None
        assert row.offset_seconds == 86_400
