"""A purchase's Stripe pages: the open one again or a fresh one, never beside running money."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from app.billing.purchases import (
    ask_for_page,
    find_by_return_token,
    hear_of_setup,
    is_waiting,
    open_page,
    see_waiting,
)
from app.clock import wall_now
from app.db import EVERY_TENANT
from app.errors import ConflictError
from app.models import Message, Purchase
from tests.factories import make_proposal, make_purchase, make_tenant, return_token_of
from tests.values import NOON

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.db import Database, ScopedSession

PAGE = {
    "stripe_session_id": "cs_1",
    "stripe_page_url": "https://checkout.example/cs_1",
    "page_expires_at": NOON + timedelta(hours=1),
}


def make(database: Database, **overrides: Any) -> Purchase:
    return make_purchase(database, make_proposal(database, make_tenant(database)), **overrides)


def change(
    database: Database, purchase: Purchase, act: Callable[[ScopedSession, Purchase], object]
) -> Purchase:
    with database.writing(purchase.tenant_id) as session:
        row = session.get_one(Purchase, purchase.id)
        act(session, row)
        return row


def facts(database: Database, kind: str) -> list[str]:
    with database.reading(EVERY_TENANT) as session:
        rows = session.scalars(select(Message).where(Message.kind == kind).order_by(Message.id))
        return [row.dedupe_key.partition(f"{kind}:")[2] for row in rows]


def test_fresh_page_is_numbered_and_asked_for(database: Database) -> None:
    purchase = make(database)

    found = change(database, purchase, lambda s, p: ask_for_page(s, p, "sepa_debit", NOON))

    assert (found.method, found.page_number, found.stripe_page_url) == ("sepa_debit", 2, "")
    assert facts(database, "stripe.open_page") == [f"{purchase.id}:2"]


def test_open_page_is_shown_again(database: Database) -> None:
    purchase = make(database, **PAGE)

    found = change(database, purchase, lambda s, p: ask_for_page(s, p, "card", NOON))

    assert (found.page_number, open_page(found, "card", NOON)) == (1, PAGE["stripe_page_url"])
    assert facts(database, "stripe.open_page") == []


@pytest.mark.parametrize(
    ("method", "after"),
    [("sepa_debit", timedelta(0)), ("card", timedelta(minutes=55)), ("card", timedelta(hours=2))],
)
def test_other_method_or_old_page_needs_a_fresh_one(
    database: Database, method: str, after: timedelta
) -> None:
    purchase = make(database, **PAGE)

    change(database, purchase, lambda s, p: ask_for_page(s, p, method, NOON + after))

    assert facts(database, "stripe.open_page") == [f"{purchase.id}:2"]


@pytest.mark.parametrize("status", ["pending", "paid", "past_due", "cancelled", "refunded"])
def test_no_page_beside_running_money(database: Database, status: str) -> None:
    purchase = make(database, status=status)

    with pytest.raises(ConflictError) as caught:
        change(database, purchase, lambda s, p: ask_for_page(s, p, "card", NOON))

    assert caught.value.code == status


def test_returning_browser_has_its_page_read_once(database: Database) -> None:
    purchase = make(database, **PAGE)

    for _ in range(3):
        found = change(database, purchase, see_waiting)

    assert is_waiting(found)
    (fact,) = facts(database, "stripe.start_billing")
    assert fact.startswith(f"{purchase.id}:cs_1:return:")


def test_page_is_read_once_for_each_event(database: Database) -> None:
    purchase = make(database, **PAGE)

    def hear(session: ScopedSession, row: Purchase) -> None:
        for event in ("evt_1", "evt_1", "evt_2"):
            hear_of_setup(session, row, "cs_1", event)

    change(database, purchase, hear)

    assert len(facts(database, "stripe.start_billing")) == 2


def test_returning_browser_goes_before_the_event(database: Database) -> None:
    purchase = make(database, **PAGE)
    change(database, purchase, see_waiting)
    change(database, purchase, lambda s, p: hear_of_setup(s, p, "cs_1", "evt_1"))

    with database.reading(EVERY_TENANT) as session:
        rows = session.scalars(select(Message).order_by(Message.id)).all()
    waits = [row.available_at - row.created_at for row in rows]
    assert waits == [timedelta(0), timedelta(seconds=3)]


def test_second_look_after_an_early_one_is_read_again(database: Database) -> None:
    purchase = make(database, **PAGE)
    change(database, purchase, see_waiting)
    with database.writing(EVERY_TENANT) as session:
        session.execute(update(Message).values(status="done"))

    change(database, purchase, see_waiting)

    assert len(facts(database, "stripe.start_billing")) == 2


def test_browser_that_left_no_longer_waits(database: Database) -> None:
    purchase = make(database, seen_waiting_at=wall_now() - timedelta(seconds=21))

    assert not is_waiting(purchase)
    assert not is_waiting(make(database))


def test_purchase_is_found_by_its_return_token_only(database: Database) -> None:
    purchase = make(database)

    with database.reading(EVERY_TENANT) as session:
        found = find_by_return_token(session, return_token_of(purchase))
        assert found is not None
        assert found.id == purchase.id
        assert find_by_return_token(session, purchase.return_token_hash) is None
