"""Claims between accounts and workers: pauses, fairness, threads at the same instant."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, func, select, text

from app import messages
from app.claims.lanes import PER_TENANT_AND_PROVIDER
from app.claims.turns import choose, glance, seconds_to_next
from app.clock import wall_now
from app.db import EVERY_TENANT
from app.models import Message, Pause
from tests.db.racing import failures, together, until_one_waits
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


def test_claimers_at_once_fill_a_lane_to_its_limit(database: Database) -> None:
    for _ in range(10):
        tenant = make_tenant(database)
        write_many(database, tenant, 30)
        now = soon()

        results = together(database, *[lambda now=now: messages.claim(database, 8, now)] * 6)

        assert failures(results) == []
        assert sum(map(len, results)) == PER_TENANT_AND_PROVIDER
        assert messages.claim(database, 8, now) == []


def test_workers_at_once_never_pass_a_lanes_limit(database: Database) -> None:
    tenant = make_tenant(database)
    for kind in LANES[:2]:
        write_many(database, tenant, 30, kind)

    def work() -> list[int]:
        """Claim a few and finish them until nothing is left; note how many were being worked."""
        seen: list[int] = []
        while open_rows(database):
            claimed = messages.claim(database, 3, soon())
            seen += leased_by_lane(database)
            for message in claimed:
                with database.writing(message.tenant_id) as session:
                    assert messages.finish(session, message)
        return seen

    results = together(database, *[work] * 4)

    assert failures(results) == []
    assert max(count for seen in results for count in seen) <= PER_TENANT_AND_PROVIDER


def leased_by_lane(database: Database) -> list[int]:
    leased = select(func.count()).where(Message.status == "leased").group_by(Message.provider)
    with database.reading(EVERY_TENANT) as session:
        return list(session.scalars(leased))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_lane_being_claimed_is_left_to_the_claimer(database: Database) -> None:
    tenant = make_tenant(database)
    write_many(database, tenant, 1, LANES[0])
    with database.writing(EVERY_TENANT) as claimer:
        assert len(choose(claimer, 8, glance(claimer, soon()))) == 1
        write_many(database, tenant, 8, LANES[0])
        write_many(database, tenant, 1, LANES[1])

        others = messages.claim(database, 8, soon())

    assert [found.kind for found in others] == [LANES[1]]
    assert len(messages.claim(database, 8, soon())) == PER_TENANT_AND_PROVIDER


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_lane_filled_since_the_glance_takes_no_more(database: Database) -> None:
    tenant, now = make_tenant(database), soon()
    write_many(database, tenant, 8, LANES[0])
    write_many(database, tenant, 1, LANES[1])
    with ThreadPoolExecutor(1) as pool, database.writing(EVERY_TENANT) as other:
        other.execute(text("LOCK TABLE pauses"))  # read after the glance, before anything is chosen
        late = pool.submit(messages.claim, database, 8, now)
        until_one_waits(database)
        lane = select(Message).where(Message.kind == LANES[0]).limit(PER_TENANT_AND_PROVIDER)
        for row in other.scalars(lane):
            row.status, row.lease_until = "leased", now + HOUR
        other.commit()

        assert [found.kind for found in late.result(30)] == [LANES[1]]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_count_before_the_lease_lets_two_pass_the_limit(database: Database) -> None:
    """The control: the same race, lost where each counts what the other has not yet committed."""
    write_many(database, make_tenant(database), 2 * PER_TENANT_AND_PROVIDER)
    both_have_counted = threading.Barrier(2)

    def claim_naively() -> int:
        with database.writing(EVERY_TENANT) as session:
            leased = session.scalars(select(Message).where(Message.status == "leased")).all()
            free = PER_TENANT_AND_PROVIDER - len(leased)
            due = select(Message).where(Message.status == "pending").limit(free)
            rows = session.scalars(due.with_for_update(skip_locked=True)).all()
            both_have_counted.wait(10)
            for row in rows:
                row.status = "leased"
            return len(rows)

    assert together(database, claim_naively, claim_naively) == [PER_TENANT_AND_PROVIDER] * 2


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


def test_next_look_comes_with_a_message_or_the_end_of_a_lease(database: Database) -> None:
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


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_claim_passes_over_what_is_done(database: Database) -> None:
    write_many(database, make_tenant(database), 1)
    asked: list[tuple[str, Any]] = []

    @event.listens_for(database.engine, "before_cursor_execute")
    def note(_: Any, __: Any, statement: str, values: Any, *_more: Any) -> None:
        if statement.startswith(("SELECT", "WITH")):
            asked.append((f"EXPLAIN QUERY PLAN {statement}", values))

    assert len(messages.claim(database, 8)) == 1

    with database.engine.connect() as connection:
        steps = [step for each in asked for step in connection.exec_driver_sql(*each)]
    read = [step.detail for step in steps if " messages" in step.detail]
    assert read
    assert [how for how in read if " USING " not in how] == []
