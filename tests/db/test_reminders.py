"""A method that is still awaited: each reminder once, none late."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.billing.purchases import see_waiting
from app.billing.reminders import add_due_reminders
from app.models import Message, Purchase
from tests.db.racing import failures, together
from tests.factories import make_proposal, make_purchase, make_tenant
from tests.values import NOON

if TYPE_CHECKING:
    from app.db import Database

HOUR = timedelta(hours=1)
AFTER_A_DAY = ["email.reminder_24h", "email.rep_still_waiting"]


@pytest.fixture
def purchase(database: Database) -> Purchase:
    proposal = make_proposal(database, make_tenant(database))
    return make_purchase(database, proposal, accepted_at=NOON)


def kinds(database: Database, purchase: Purchase) -> list[str]:
    with database.reading(purchase.tenant_id) as session:
        return list(session.scalars(select(Message.kind).order_by(Message.id)))


@pytest.mark.parametrize(
    ("sweeps", "told"),
    [
        ([0.99], []),
        ([1], ["email.reminder_1h"]),
        ([1, 1.1, 23.9], ["email.reminder_1h"]),
        ([1, 24], ["email.reminder_1h", *AFTER_A_DAY]),
        ([1, 24, 25, 500], ["email.reminder_1h", *AFTER_A_DAY]),
        ([24], AFTER_A_DAY),  # the first was overtaken: it is not sent late
        ([30, 31], AFTER_A_DAY),
    ],
)
def test_sweeps_remind_once_in_time(
    database: Database, purchase: Purchase, sweeps: list[float], told: list[str]
) -> None:
    for hours in sweeps:
        add_due_reminders(database, NOON + hours * HOUR)

    assert kinds(database, purchase) == told


def test_method_that_is_being_read_is_reminded_of_only_later(
    database: Database, purchase: Purchase
) -> None:
    with database.writing(purchase.tenant_id) as session:
        row = session.get_one(Purchase, purchase.id)
        row.stripe_session_id = "cs_1"
        see_waiting(session, row)

    add_due_reminders(database, NOON + HOUR)
    while_read = kinds(database, purchase)
    with database.writing(purchase.tenant_id) as session:
        session.query(Message).one().status = "done"
    add_due_reminders(database, NOON + HOUR)

    assert while_read == ["stripe.start_billing"]
    assert kinds(database, purchase) == ["stripe.start_billing", "email.reminder_1h"]


@pytest.mark.parametrize("status", ["pending", "paid", "failed", "action_needed", "held"])
def test_only_an_awaited_method_is_reminded_of(database: Database, status: str) -> None:
    proposal = make_proposal(database, make_tenant(database))
    purchase = make_purchase(database, proposal, accepted_at=NOON, status=status)

    add_due_reminders(database, NOON + 25 * HOUR)

    assert kinds(database, purchase) == []


def test_every_tenant_is_reminded(database: Database, purchase: Purchase) -> None:
    proposal = make_proposal(database, make_tenant(database))
    other = make_purchase(database, proposal, accepted_at=NOON)

    add_due_reminders(database, NOON + HOUR)

    assert kinds(database, purchase) == kinds(database, other) == ["email.reminder_1h"]


def test_sweeps_at_once_remind_once(database: Database, purchase: Purchase) -> None:
    results = together(database, *[lambda: add_due_reminders(database, NOON + 24 * HOUR)] * 4)

    assert failures(results) == []
    assert kinds(database, purchase) == AFTER_A_DAY
