"""Claims between accounts and workers: pauses, fairness, threads at the same instant."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app import messages
from app.clock import wall_now
from app.db import EVERY_TENANT
from app.models import Message, Pause
from app.turns import glance, seconds_to_next
from tests.db.racing import failures, together
from tests.factories import make_tenant

if TYPE_CHECKING:
    from datetime import datetime

    from app.db import Database
    from app.messages import Claimed
    from app.models import Tenant

HOUR = timedelta(hours=1)
LANES = ("hubspot.sync_deal", "stripe.open_page", "slack.accepted", "email.rep_paid")


def soon() -> datetime:
    return wall_now() + timedelta(minutes=1)


def write_many(database: Database, tenant: Tenant, count: int, kind: str = LANES[2]) -> None:
    with database.writing(tenant.id) as session:
        for n in range(count):
            messages.add(session, kind, str(n), payload={}, after=-HOUR)


def pause(database: Database, tenant: Tenant, after: timedelta) -> None:
    with database.writing(tenant.id) as session:
        messages.pause(session, "slack", after)


def test_paused_account_waits_and_nobody_else(database: Database) -> None:
    asked, other = make_tenant(database), make_tenant(database)
    write_many(database, asked, 1)
    write_many(database, asked, 1, "stripe.open_page")
    write_many(database, other, 1)

    pause(database, asked, HOUR)

    found = {(c.tenant_id, c.provider) for c in messages.claim(database, 10, soon())}
    assert found == {(asked.id, "stripe"), (other.id, "slack")}
    after = messages.claim(database, 10, soon() + HOUR)
    assert (asked.id, "slack") in {(c.tenant_id, c.provider) for c in after}


@pytest.mark.parametrize("order", [(1, 3), (3, 1)])
def test_longest_pause_holds(database: Database, order: tuple[int, int]) -> None:
    tenant = make_tenant(database)

    for hours in order:
        pause(database, tenant, hours * HOUR)

    with database.reading(EVERY_TENANT) as session:
        until = session.scalars(select(Pause.until)).one()
    assert timedelta(hours=2, minutes=59) < until - wall_now() <= 3 * HOUR


def test_account_told_to_wait_by_many_at_once_waits(database: Database) -> None:
    tenant = make_tenant(database)

    results = together(database, *[lambda: pause(database, tenant, HOUR)] * 6)

    assert failures(results) == []


def test_noisy_tenant_does_not_hide_another(database: Database) -> None:
    noisy, quiet = make_tenant(database), make_tenant(database)
    for kind in LANES:
        write_many(database, noisy, 60, kind)
    write_many(database, quiet, 1)

    claimed = messages.claim(database, 8, soon())

    assert quiet.id in {found.tenant_id for found in claimed}


def test_every_of_many_tenants_has_its_turn(database: Database) -> None:
    tenants = [make_tenant(database) for _ in range(12)]
    for tenant in tenants:
        write_many(database, tenant, 15)

    served = [found.tenant_id for _ in range(2) for found in messages.claim(database, 6, soon())]

    assert sorted(served) == [tenant.id for tenant in tenants]


def take_all(database: Database, now: datetime) -> list[Claimed]:
    """Claim and finish like a worker until nothing is left."""
    taken: list[Claimed] = []
    while open_rows(database):
        claimed = messages.claim(database, 8, now)
        taken += claimed
        for message in claimed:
            with database.writing(message.tenant_id) as session:
                assert messages.finish(session, message)
    return taken


def open_rows(database: Database) -> int:
    still = select(func.count()).where(Message.status.in_(("pending", "leased")))
    with database.reading(EVERY_TENANT) as session:
        return session.scalar(still) or 0


def test_claimers_at_once_never_share_a_row(database: Database) -> None:
    tenants = [make_tenant(database) for _ in range(3)]
    for tenant in tenants:
        write_many(database, tenant, 20)
    now = soon()

    results = together(database, *[lambda: take_all(database, now)] * 4)

    assert failures(results) == []
    taken = [found.id for result in results for found in result]
    assert len(taken) == len(set(taken)) == 60
    assert all(found.attempt == 1 for result in results for found in result)


def test_claimers_at_once_keep_subjects_apart(database: Database) -> None:
    tenant = make_tenant(database)
    with database.writing(tenant.id) as session:
        for n in range(60):
            kind = LANES[n % len(LANES)]
            subject = f"purchase:{n * 7 % 5}"
            messages.add(session, kind, str(n), payload={}, subject=subject, after=-HOUR)
    now = soon()

    results = together(database, *[lambda: take_all(database, now)] * 4)

    assert failures(results) == []
    assert sum(map(len, results)) == 60


def test_next_look_comes_with_the_next_message_or_the_end_of_a_lease(database: Database) -> None:
    tenant = make_tenant(database)

    def to_next() -> float | None:
        with database.reading(EVERY_TENANT) as session:
            return seconds_to_next(session, glance(session))

    assert to_next() is None
    with database.writing(tenant.id) as session:
        messages.add(session, LANES[0], "later", payload={}, after=HOUR)
    assert to_next() == pytest.approx(3600, abs=5)
    write_many(database, tenant, 1)
    assert len(messages.claim(database, 1)) == 1
    assert to_next() == pytest.approx(messages.LEASE.total_seconds(), abs=5)
