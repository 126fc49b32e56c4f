"""When a tenant is reconciled: once a night, about three o'clock where it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from app.models import Message, Tenant
from app.reconcile import telling
from app.reconcile.differences import Difference, Kind
from app.reconcile.nightly import add_due_reconciliations, next_quiet_moment
from tests.db.racing import failures, together
from tests.factories import make_connection, make_tenant

if TYPE_CHECKING:
    from app.db import Database

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def tenant(database: Database) -> Tenant:
    tenant = make_tenant(database)
    make_connection(database, tenant, "stripe", {"key": "rk"})
    make_connection(database, tenant, "hubspot", {"access_token": "", "refresh_token": ""})
    return tenant


def asked(database: Database, tenant: Tenant) -> list[str]:
    with database.reading(tenant.id) as session:
        return sorted(session.scalars(select(Message.kind)))


def sweep(database: Database, *days: float) -> None:
    for day in days:
        add_due_reconciliations(database, NOON + day * DAY)


@pytest.mark.parametrize(
    ("now", "zone", "moment"),
    [
        ("2026-03-10T12:00", "Europe/Paris", "2026-03-11T02:00"),
        ("2026-03-10T01:59", "Europe/Paris", "2026-03-10T02:00"),
        ("2026-03-10T02:00", "Europe/Paris", "2026-03-11T02:00"),
        ("2026-03-28T12:00", "Europe/Paris", "2026-03-29T01:00"),  # summer time begins at two
        ("2026-10-24T12:00", "Europe/Paris", "2026-10-25T02:00"),  # and ends at three
        ("2026-03-10T12:00", "Pacific/Auckland", "2026-03-10T14:00"),
        ("2026-03-10T12:00", "America/New_York", "2026-03-11T07:00"),
    ],
)
def test_quiet_hour_is_the_tenants_own(now: str, zone: str, moment: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)

    found = next_quiet_moment(ZoneInfo(zone), 120, at).astimezone(UTC)

    assert found == datetime.fromisoformat(moment).replace(tzinfo=UTC)


def test_tenants_of_one_zone_begin_at_different_minutes() -> None:
    moments = {next_quiet_moment(ZoneInfo("Europe/Paris"), number, NOON) for number in range(500)}

    assert len(moments) == 120
    assert max(moments) - min(moments) < timedelta(hours=2)


def test_new_tenant_is_reconciled_from_the_first_night_on(
    database: Database, tenant: Tenant
) -> None:
    sweep(database, 0, 0.1)
    assert asked(database, tenant) == []

    sweep(database, 1, 1.001)

    assert asked(database, tenant) == ["hubspot.reconcile", "stripe.reconcile"]


def test_one_that_still_waits_is_enough(database: Database, tenant: Tenant) -> None:
    sweep(database, 0, 1, 2, 3)

    assert asked(database, tenant) == ["hubspot.reconcile", "stripe.reconcile"]


def test_each_night_brings_one(database: Database, tenant: Tenant) -> None:
    for night in range(3):
        sweep(database, night)
        with database.writing(tenant.id) as session:
            session.execute(update(Message).values(status="done"))

    assert asked(database, tenant) == ["hubspot.reconcile"] * 2 + ["stripe.reconcile"] * 2


def test_nights_that_were_missed_are_one(database: Database, tenant: Tenant) -> None:
    sweep(database, 0, 40)

    assert asked(database, tenant) == ["hubspot.reconcile", "stripe.reconcile"]


@pytest.mark.parametrize(("days_left", "readings"), [(0, 0), (1, 2)])
def test_tenant_that_is_being_erased_is_compared_with_nothing(
    database: Database, tenant: Tenant, days_left: int, readings: int
) -> None:
    """Its endpoint is taken off just then, which would be told as a difference."""
    with database.writing(tenant.id) as session:
        session.get_one(Tenant, tenant.id).erase_after = NOON + (1 + days_left) * DAY

    sweep(database, 0, 1)

    assert len(asked(database, tenant)) == readings


def test_vendor_that_was_never_connected_is_not_asked(database: Database) -> None:
    tenant = make_tenant(database)
    make_connection(database, tenant, "hubspot", {"access_token": "", "refresh_token": ""})

    sweep(database, 0, 1)

    assert asked(database, tenant) == ["hubspot.reconcile"]


def test_two_sweeps_at_once_ask_once(database: Database, tenant: Tenant) -> None:
    sweep(database, 0)

    assert failures(together(database, *[lambda: sweep(database, 1)] * 4)) == []

    assert asked(database, tenant) == ["hubspot.reconcile", "stripe.reconcile"]


def test_what_is_too_much_for_one_night_is_told_the_next_nights(
    database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "MOST_IN_A_MAIL", 2)  # five would say no more
    left = [Difference(Kind.OBJECT_GONE, f"sub_{number}") for number in range(3)]

    for night in range(3):
        with database.writing(tenant.id) as session:
            telling.tell_owner(session, str(night), left)

    with database.reading(tenant.id) as session:
        told = session.scalars(select(Message.payload).order_by(Message.id)).all()
    assert [[one["about"] for one in mail["differences"]] for mail in told] == [
        ["sub_0", "sub_1"],
        ["sub_2"],
    ]
