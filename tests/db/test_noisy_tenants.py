"""A busy subject or a tenant with a long backlog costs the others nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, insert

from app import messages
from app.clock import wall_now
from app.db import EVERY_TENANT
from app.models import Message
from tests.factories import make_tenant

if TYPE_CHECKING:
    from app.db import Database
    from app.messages import Claimed
    from app.models import Tenant

HOUR = timedelta(hours=1)
THREADS = 8
AT_ONCE = timedelta(0)


def backlog(
    database: Database, tenant: Tenant, count: int, *, kind: str = "slack.sent", subject: str = ""
) -> None:
    """Due messages, each of a subject of its own; those of one given subject are the oldest."""
    since = wall_now() - (2 * HOUR if subject else HOUR)
    rows = [
        {
            "tenant_id": tenant.id,
            "kind": kind,
            "provider": messages.provider_of(kind),
            "subject": subject or f"purchase:{n}",
            "payload": {},
            "dedupe_key": f"{tenant.id}:{kind}:{subject}:{n}",
            "operation_key": f"{tenant.id}:{kind}:{subject}:{n}",
            "available_at": since + timedelta(milliseconds=n),
            "created_at": since,
        }
        for n in range(count)
    ]
    with database.writing(EVERY_TENANT) as session:
        session.execute(insert(Message), rows)


def work(database: Database, claimed: list[Claimed], failing: Tenant) -> None:
    """Settle as workers do; whatever is for that tenant's vendor fails and is due again at once."""
    with database.writing(EVERY_TENANT) as session:
        for message in claimed:
            if message.tenant_id == failing.id:
                messages.reschedule(session, message, AT_ONCE, "refused", failing_since=wall_now())
            else:
                messages.finish(session, message)


def turns_until_done(database: Database, quiet: Tenant, noisy: Tenant, count: int) -> int:
    """How often a worker of eight threads must claim until that many of the quiet are done."""
    done = turns = 0
    while done < count:
        claimed = messages.claim(database, THREADS)
        done += sum(message.tenant_id == quiet.id for message in claimed)
        work(database, claimed, noisy)
        turns += 1
        assert turns <= 4 * count
    return turns


@pytest.mark.parametrize("noise", [1, 400])
def test_quiet_tenant_keeps_its_pace_beside_failing_one(database: Database, noise: int) -> None:
    noisy, quiet = make_tenant(database), make_tenant(database)
    backlog(database, noisy, noise)
    backlog(database, quiet, 40)

    assert turns_until_done(database, quiet, noisy, 40) == 10


def test_busy_subject_does_not_fill_its_lane(database: Database) -> None:
    tenant = make_tenant(database)
    backlog(database, tenant, 1, kind="stripe.start_billing", subject="purchase:busy")
    [held] = messages.claim(database, 1)
    backlog(database, tenant, 30, subject="purchase:busy")
    backlog(database, tenant, 2)

    claimed = messages.claim(database, THREADS)

    assert held.subject == "purchase:busy"
    assert [message.subject for message in claimed] == ["purchase:0", "purchase:1"]


def test_subject_with_many_waiting_takes_one_place(database: Database) -> None:
    tenant = make_tenant(database)
    backlog(database, tenant, 30, subject="purchase:busy")
    backlog(database, tenant, 2)

    claimed = messages.claim(database, 1) + messages.claim(database, THREADS)

    subjects = [str(message.subject) for message in claimed]
    assert subjects == ["purchase:busy", "purchase:0", "purchase:1"]


def test_subject_with_an_expired_lease_waits_for_that_message(database: Database) -> None:
    tenant = make_tenant(database)
    backlog(database, tenant, 1, kind="stripe.start_billing", subject="purchase:busy")
    [died] = messages.claim(database, 1)
    backlog(database, tenant, 1, subject="purchase:busy")

    [again] = messages.claim(database, THREADS, wall_now() + HOUR)

    assert (again.id, again.deaths) == (died.id, 1)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_long_backlog_does_not_make_a_claim_dearer(database: Database) -> None:
    noisy, quiet = make_tenant(database), make_tenant(database)
    backlog(database, quiet, 20)
    backlog(database, noisy, 20)
    short = effort_of_a_claim(database)

    backlog(database, noisy, 2000, kind="slack.paid")

    assert effort_of_a_claim(database) < 1.2 * short


def effort_of_a_claim(database: Database) -> int:
    """The hundreds of steps SQLite takes for one claim, which is then given back."""
    steps: list[None] = []

    def count(connection: Any) -> None:
        connection.set_progress_handler(lambda: steps.append(None), 100)

    database.engine.dispose()
    event.listen(database.engine, "connect", count_on := lambda connection, _: count(connection))
    claimed = messages.claim(database, THREADS)
    event.remove(database.engine, "connect", count_on)
    database.engine.dispose()
    with database.writing(EVERY_TENANT) as session:
        for message in claimed:
            messages.reschedule(session, message, -HOUR, "given back", failing_since=wall_now())
    return len(steps)
