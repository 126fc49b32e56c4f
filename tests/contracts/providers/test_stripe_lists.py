"""Whole lists through the sandbox's Stripe: a hundred objects to a call, as plain data."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from app.errors import FailureKind, ProviderError
from app.plan_lines import BillingPlan
from sandbox.stripe.books import Books
from sandbox.stripe.deliveries import Deliveries
from sandbox.stripe.events import emit

if TYPE_CHECKING:
    from tests.contracts.providers.conftest import Shop

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
MARKS = {"propale_purchase": "p-1"}


def books(shop: Shop) -> Books:
    world = shop.sandbox.world
    return Books(world, Deliveries(world), "acct_sandbox0001")


def copies(shop: Shop, kind: str, number: int) -> None:
    """So many more of the newest object of a kind."""
    mine = books(shop)
    with mine.world.store.lock:
        made = mine.rows(kind)[-1]
        for count in range(number):
            mine.save({**made, "id": f"{made['id']}_{count}"})


def lose_events(shop: Shop, number: int) -> None:
    mine = books(shop)
    endpoint, _ = shop.stripe.create_webhook_endpoint("http://propale.test/", ["*"], "endpoint")
    with mine.world.store.lock:
        customer = mine.rows("customer")[-1]
        for _ in range(number):
            emit(mine, "customer.updated", customer)
        event = mine.rows("event")[-1]
        mine.deliveries._add(mine.account, endpoint, {**event, "id": "evt_unknown"}, 0.0)


def test_each_list_is_read_a_hundred_to_a_call(shop: Shop) -> None:
    shop.customer()
    copies(shop, "customer", 249)
    shop.sandbox.world.journal.clear()

    pages = list(shop.stripe.list_objects("customer", LONG_AGO))

    assert [len(page) for page in pages] == [100, 100, 50]
    assert len({one.id for page in pages for one in page}) == 250
    assert len(shop.sandbox.world.journal.entries("stripe")) == 3


def test_list_begins_where_asked(shop: Shop) -> None:
    shop.customer()

    tomorrow = datetime.now(UTC) + timedelta(days=1)

    assert list(shop.stripe.list_objects("customer", tomorrow)) == [[]]


def test_invoice_carries_its_subscriptions_marks(shop: Shop) -> None:
    customer_id = shop.customer()
    method = shop.method(customer_id, "card_ok")
    line = shop.line("Bureau", 120000)
    made = shop.stripe.create_subscription(
        BillingPlan("EUR", "month", (line,), ()),
        customer_id=customer_id,
        payment_method_id=method,
        off_session=True,
        metadata=MARKS,
        operation_key="subscription",
    )

    ((subscription,),) = shop.stripe.list_objects("subscription", LONG_AGO)
    ((invoice,),) = shop.stripe.list_objects("invoice", LONG_AGO)
    ((page,),) = shop.stripe.list_objects("checkout.session", LONG_AGO)

    assert (subscription.id, subscription.status) == (made.id, "active")
    assert (invoice.kind, invoice.status, invoice.metadata) == ("invoice", "paid", MARKS)
    assert subscription.metadata == MARKS
    assert (page.status, page.livemode) == ("complete", False)


def test_lost_events_come_as_a_webhook_carries_them(shop: Shop) -> None:
    shop.customer()
    lose_events(shop, 130)

    pages = list(shop.stripe.undelivered_events(["customer.updated"], LONG_AGO))

    assert [len(page) for page in pages] == [100, 30]
    first = pages[0][0]
    assert (first["object"], first["type"]) == ("event", "customer.updated")
    assert first["data"]["object"]["email"] == "jeanne@atelier-martin.example"


def test_other_types_are_left_out(shop: Shop) -> None:
    shop.customer()
    lose_events(shop, 3)

    assert list(shop.stripe.undelivered_events(["invoice.paid"], LONG_AGO)) == [[]]


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"status": 503}, FailureKind.RETRYABLE),
        ({"status": 429}, FailureKind.RETRYABLE),
        ({"status": 401}, FailureKind.AUTH),
        ({"status": 400}, FailureKind.PERMANENT),
        ({"status": 200, "body": ["no", "object"]}, FailureKind.RETRYABLE),
    ],
)
def test_list_that_fails_says_how(shop: Shop, fault: dict[str, object], kind: FailureKind) -> None:
    shop.sandbox.world.faults.arm(vendor="stripe", path="/v1/invoices", **fault)

    with pytest.raises(ProviderError) as failed:
        list(shop.stripe.list_objects("invoice", LONG_AGO))

    assert failed.value.kind is kind
