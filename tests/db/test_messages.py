"""Messages: written beside the change, claimed under a lease, settled where still one's own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app import messages
from app.claims.lanes import PER_TENANT_AND_PROVIDER
from app.clock import wall_now
from app.db import EVERY_TENANT, Database
from app.messages import LEASE, Claimed
from app.models import Message
from tests.factories import make_tenant

if TYPE_CHECKING:
    from app.models import Tenant

LATER = timedelta(minutes=1)


@pytest.fixture
def tenant(database: Database) -> Tenant:
    return make_tenant(database)


def soon() -> datetime:
    return wall_now() + LATER


def write(database: Database, tenant: Tenant, fact: str = "1", **overrides: Any) -> None:
    kind = overrides.pop("kind", "slack.accepted")
    with database.writing(tenant.id) as session:
        messages.add(session, kind, fact, **{"payload": {"fact": fact}, **overrides})


def rows(database: Database) -> list[Message]:
    with database.reading(EVERY_TENANT) as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def claim_one(database: Database, now: datetime) -> Claimed:
    [claimed] = messages.claim(database, 1, now)
    return claimed


def test_message_is_due_at_once_with_its_keys(database: Database, tenant: Tenant) -> None:
    write(database, tenant, "7:1", kind="email.proposal_sent")

    [row] = rows(database)
    assert (row.kind, row.provider, row.status) == ("email.proposal_sent", "email", "pending")
    assert row.dedupe_key == row.operation_key == f"{tenant.id}:email.proposal_sent:7:1"
    assert (row.attempts, row.doubts, row.payload) == (0, 0, {"fact": "7:1"})
    assert row.available_at == row.created_at <= wall_now()


def test_same_fact_is_written_once(database: Database, tenant: Tenant) -> None:
    other = make_tenant(database)

    for who in (tenant, tenant, other):
        write(database, who)
    write(database, tenant, kind="slack.paid")

    assert [row.tenant_id for row in rows(database)] == [tenant.id, other.id, tenant.id]


def test_message_falls_with_the_change_it_follows_from(database: Database, tenant: Tenant) -> None:
    rung: list[str] = []
    database.bell = lambda: rung.append("ring")

    def change_and_fail() -> None:
        with database.writing(tenant.id) as session:
            messages.add(session, "slack.paid", "1", payload={})
            raise LookupError

    with pytest.raises(LookupError):
        change_and_fail()

    assert rows(database) == []
    assert rung == []


def test_bell_rings_after_the_commit_and_only_for_messages(
    database: Database, tenant: Tenant
) -> None:
    seen: list[int] = []
    database.bell = lambda: seen.append(len(rows(database)))

    write(database, tenant)
    with database.writing(tenant.id):
        pass

    assert seen == [1]


def test_message_of_nobody_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="needs a tenant"), database.writing(EVERY_TENANT) as s:
        messages.add(s, "slack.paid", "1", payload={})


@pytest.mark.parametrize(
    ("kind", "provider"),
    [("slack.accepted", "slack"), ("inbox.stripe", "stripe"), ("hubspot.sync_deal", "hubspot")],
)
def test_kind_tells_whose_service_it_needs(kind: str, provider: str) -> None:
    assert messages.provider_of(kind) == provider


def test_claim_counts_the_attempt_up(database: Database, tenant: Tenant) -> None:
    write(database, tenant)
    now = soon()

    found = claim_one(database, now)

    [row] = rows(database)
    assert (found.attempt, found.doubts, found.payload) == (1, 0, {"fact": "1"})
    assert (row.status, row.attempts, row.lease_until) == ("leased", 1, now + LEASE)
    assert messages.claim(database, 1, now) == []


def test_message_for_later_waits(database: Database, tenant: Tenant) -> None:
    write(database, tenant, after=timedelta(hours=1))

    assert messages.claim(database, 1, soon()) == []
    assert len(messages.claim(database, 1, soon() + timedelta(hours=1))) == 1


def test_claim_reads_the_databases_own_clock(database: Database, tenant: Tenant) -> None:
    write(database, tenant, after=timedelta(seconds=-2))
    write(database, tenant, "2", after=timedelta(hours=1))

    assert [found.payload["fact"] for found in messages.claim(database, 5)] == ["1"]


def test_lane_of_one_tenant_and_provider_has_its_limit(database: Database, tenant: Tenant) -> None:
    for n in range(10):
        write(database, tenant, str(n))
    write(database, tenant, kind="stripe.open_page")
    now = soon()

    first = messages.claim(database, 20, now)

    kinds = [found.kind for found in first]
    assert kinds.count("slack.accepted") == PER_TENANT_AND_PROVIDER
    assert kinds.count("stripe.open_page") == 1
    assert messages.claim(database, 20, now) == []


def test_oldest_of_a_lane_goes_first(database: Database, tenant: Tenant) -> None:
    for n, age in enumerate((1, 3, 2)):
        write(database, tenant, str(n), after=timedelta(seconds=-age))

    order = [claim_one(database, soon()).payload["fact"] for _ in range(3)]

    assert order == ["1", "2", "0"]


def test_subject_is_worked_by_one_at_a_time(database: Database, tenant: Tenant) -> None:
    other = make_tenant(database)
    for fact in ("1", "2"):
        write(database, tenant, fact, subject="purchase:1")
    write(database, other, subject="purchase:1")
    now = soon()

    claimed = messages.claim(database, 10, now)

    assert [(c.tenant_id, c.payload["fact"]) for c in claimed] == [
        (tenant.id, "1"),
        (other.id, "1"),
    ]
    with database.writing(tenant.id) as session:
        assert messages.finish(session, claimed[0])
    assert claim_one(database, now).payload["fact"] == "2"


def test_subject_stays_held_while_its_lease_is_unclaimed(
    database: Database, tenant: Tenant
) -> None:
    for fact in ("1", "2"):
        write(database, tenant, fact, subject="purchase:1")
    now = soon()
    claim_one(database, now)

    [again] = messages.claim(database, 10, now + LEASE)

    assert (again.payload["fact"], again.attempt, again.doubts) == ("1", 2, 1)


def test_dead_process_loses_its_work_to_another(database: Database, tenant: Tenant) -> None:
    write(database, tenant)
    now = soon()
    lost = claim_one(database, now)

    assert messages.claim(database, 1, now + LEASE - timedelta(milliseconds=1)) == []
    taken = claim_one(database, now + LEASE)

    assert (taken.id, taken.attempt, taken.doubts) == (lost.id, 2, 1)
    with database.writing(tenant.id) as session:
        assert messages.finish(session, lost) is False
        assert messages.bury(session, lost, "late") is False
        assert messages.reschedule(session, lost, LATER, "late", failing_since=now) is False
        assert messages.ignore(session, lost, "late") is False
    with database.writing(tenant.id) as session:
        assert messages.finish(session, taken) is True
    [row] = rows(database)
    assert (row.status, row.lease_until, row.last_error) == ("done", None, "")


def test_renewed_lease_is_kept(database: Database, tenant: Tenant) -> None:
    write(database, tenant)
    now = soon()
    held = claim_one(database, now)

    messages.renew(database, [held], now + timedelta(seconds=10))

    assert messages.claim(database, 1, now + LEASE) == []
    assert rows(database)[0].lease_until == now + timedelta(seconds=10) + LEASE


def test_lost_lease_is_not_renewed(database: Database, tenant: Tenant) -> None:
    write(database, tenant)
    now = soon()
    lost = claim_one(database, now)
    claim_one(database, now + LEASE)

    messages.renew(database, [lost], now + timedelta(hours=1))

    assert rows(database)[0].lease_until == now + LEASE + LEASE


def test_reschedule_gives_it_back_with_its_error(database: Database, tenant: Tenant) -> None:
    write(database, tenant)
    held = claim_one(database, soon())

    with database.writing(tenant.id) as session:
        messages.reschedule(session, held, timedelta(hours=1), "x" * 5000, failing_since=soon())

    [row] = rows(database)
    assert (row.status, row.attempts, row.doubts, row.lease_until) == ("pending", 1, 0, None)
    assert len(row.last_error) == 2000
    assert timedelta(minutes=59) < row.available_at - wall_now() <= timedelta(hours=1)


def test_unknown_outcome_is_counted(database: Database, tenant: Tenant) -> None:
    write(database, tenant)
    for doubts in (1, 2):
        held = claim_one(database, soon())
        with database.writing(tenant.id) as session:
            messages.reschedule(
                session, held, timedelta(0), "lost", failing_since=soon(), doubtful=True
            )

        assert rows(database)[0].doubts == doubts


@pytest.mark.parametrize(("settle", "status"), [("ignore", "ignored"), ("bury", "dead")])
def test_given_up_message_stays_visible(
    database: Database, tenant: Tenant, settle: str, status: str
) -> None:
    write(database, tenant)
    held = claim_one(database, soon())

    with database.writing(tenant.id) as session:
        assert getattr(messages, settle)(session, held, "for this reason")

    [row] = rows(database)
    assert (row.status, row.last_error) == (status, "for this reason")
    assert row.finished_at is not None
    assert messages.claim(database, 1, soon() + timedelta(days=1)) == []


def test_endless_reason_of_an_ignored_message_is_cut(database: Database, tenant: Tenant) -> None:
    write(database, tenant)
    held = claim_one(database, soon())

    with database.writing(tenant.id) as session:
        messages.ignore(session, held, "x" * 5000)

    assert len(rows(database)[0].last_error) == 2000
