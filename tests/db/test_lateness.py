"""Since when the oldest message is due: what waits for its hour or for a vendor is not late."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app import messages
from app.claims.turns import due_since
from app.db import EVERY_TENANT, database_now
from tests.factories import make_tenant

if TYPE_CHECKING:
    from datetime import datetime

    from app.db import Database
    from app.models import Tenant

HOUR = timedelta(hours=1)
MOMENT = timedelta(seconds=30)  # what a test may take


@pytest.fixture
def tenant(database: Database) -> Tenant:
    return make_tenant(database)


def write(database: Database, tenant: Tenant, after: timedelta, kind: str = "slack.paid") -> None:
    with database.writing(tenant.id) as session:
        messages.add(session, kind, str(after), payload={}, after=after)


def pause(database: Database, tenant: Tenant, provider: str, after: timedelta) -> None:
    with database.writing(tenant.id) as session:
        messages.pause(session, provider, after)


def late(database: Database) -> timedelta | None:
    """How late the latest message is, to the hour."""
    with database.reading(EVERY_TENANT) as session:
        now: datetime = database_now(session)
        since = due_since(session, now)
    if since is None:
        return None
    hours = round((now - since) / HOUR)
    assert abs(now - since - hours * HOUR) < MOMENT
    return hours * HOUR


def test_nothing_is_late_where_nothing_is_due(database: Database, tenant: Tenant) -> None:
    assert late(database) is None

    write(database, tenant, 24 * HOUR, "email.reminder_24h")

    assert late(database) is None


def test_oldest_due_message_counts(database: Database, tenant: Tenant) -> None:
    for hours in (1, -2, -3):
        write(database, tenant, hours * HOUR)

    assert late(database) == 3 * HOUR


def test_paused_message_is_not_late(database: Database, tenant: Tenant) -> None:
    write(database, tenant, -3 * HOUR)

    pause(database, tenant, "slack", HOUR)

    assert late(database) is None


def test_pause_excuses_no_other_vendor_and_no_other_account(
    database: Database, tenant: Tenant
) -> None:
    pause(database, tenant, "slack", HOUR)
    write(database, tenant, -2 * HOUR, "email.rep_paid")

    assert late(database) == 2 * HOUR

    write(database, make_tenant(database), -3 * HOUR)

    assert late(database) == 3 * HOUR


def test_message_is_late_from_the_end_of_its_pause(database: Database, tenant: Tenant) -> None:
    write(database, tenant, -5 * HOUR)
    pause(database, tenant, "slack", -2 * HOUR)

    assert late(database) == 2 * HOUR


def test_pause_that_ended_before_excuses_nothing(database: Database, tenant: Tenant) -> None:
    pause(database, tenant, "slack", -5 * HOUR)
    write(database, tenant, -2 * HOUR)

    assert late(database) == 2 * HOUR


def test_message_that_is_never_done_with_is_late(database: Database, tenant: Tenant) -> None:
    write(database, tenant, -2 * HOUR)

    [held] = messages.claim(database, 1)

    assert late(database) == 2 * HOUR
    with database.writing(tenant.id) as session:
        messages.reschedule(session, held, HOUR, "away", failing_since=database_now(session))
    assert late(database) is None
