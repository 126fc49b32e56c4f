"""The whole recurring flow with the real SDK: set-up, subscription, first invoice, renewals."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from sandbox.stripe.periods import boundary

if TYPE_CHECKING:
    from tests.contracts.stripe_sandbox.seller import Seller


def test_accepted_card_pays_first_invoice_at_once(seller: Seller) -> None:
    customer, product, vat = seller.customer(), seller.product(), seller.vat()
    method = seller.method(customer.id)
    fee = {"currency": "eur", "product": product, "unit_amount": 10000}

    subscription = seller.subscribe(
        customer.id,
        method.id,
        [{**seller.item(product), "tax_rates": [vat]}],
        add_invoice_items=[{"price_data": fee, "tax_rates": [vat]}],
    )

    invoice = subscription.latest_invoice
    assert (subscription.status, invoice.status, invoice.total) == ("active", "paid", 66000)
    assert (invoice.amount_paid, invoice.amount_remaining) == (66000, 0)
    assert [line.amount for line in invoice.lines.data] == [45000, 10000]
    assert invoice.payments.data[0].status == "paid"
    assert invoice.confirmation_secret.type == "payment_intent"
    assert seller.event_types()[-11:] == [
        "customer.updated",
        "invoice.created",
        "payment_intent.created",
        "invoice.finalized",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice_payment.paid",
        "invoice.updated",
        "invoice.paid",
        "invoice.payment_succeeded",
        "customer.subscription.created",
    ]


def test_customer_metadata_and_parent_reach_the_invoice(seller: Seller) -> None:
    subscription = seller.simple_subscription(metadata={"propale": "p-1"})

    parent = subscription.latest_invoice.parent
    assert parent.type == "subscription_details"
    assert parent.subscription_details.subscription == subscription.id
    assert parent.subscription_details.metadata["propale"] == "p-1"


def test_renewal_is_drafted_then_paid_an_hour_later(seller: Seller) -> None:
    subscription = seller.simple_subscription()

    seller.wait_for_renewal(subscription.id)
    draft = seller.v1.invoices.list({"subscription": subscription.id}).data[0]
    seller.wait(hours=1)
    paid = seller.v1.invoices.retrieve(draft.id)

    assert (draft.status, draft.billing_reason) == ("draft", "subscription_cycle")
    assert (paid.status, paid.amount_paid) == ("paid", 45000)
    item = seller.v1.subscriptions.retrieve(subscription.id)["items"].data[0]
    assert item.current_period_start == paid.created


def test_three_months_bring_three_renewals(seller: Seller) -> None:
    subscription = seller.simple_subscription()

    seller.wait(days=93)

    invoices = seller.v1.invoices.list({"subscription": subscription.id}).data
    assert [invoice.status for invoice in invoices] == ["paid"] * 4
    assert len({invoice.number for invoice in invoices}) == 4


def test_card_failing_later_makes_past_due(seller: Seller) -> None:
    subscription = seller.simple_subscription("card_fails_later")
    assert subscription.status == "active"

    seller.wait_for_renewal(subscription.id)
    seller.wait(hours=1)

    assert seller.v1.subscriptions.retrieve(subscription.id).status == "past_due"
    invoice = seller.v1.invoices.list({"subscription": subscription.id}).data[0]
    assert (invoice.status, invoice.attempt_count) == ("open", 1)
    assert "invoice.payment_failed" in seller.event_types()


def test_declined_renewal_is_tried_eight_times_in_two_weeks(seller: Seller) -> None:
    subscription = seller.simple_subscription("card_fails_later")

    seller.wait(days=31 + 20)

    failed = seller.v1.events.list({"type": "invoice.payment_failed"}).data[::-1]
    days = [(event.created - failed[0].created) // (24 * 3600) for event in failed]
    invoice = seller.v1.invoices.retrieve(failed[0].data.object["id"])
    assert days == [0, 1, 3, 5, 7, 9, 11, 14]
    assert (invoice.attempt_count, invoice.next_payment_attempt) == (8, None)
    assert seller.v1.subscriptions.retrieve(subscription.id).status == "past_due"


def test_new_method_heals_a_past_due_subscription(seller: Seller) -> None:
    subscription = seller.simple_subscription("card_fails_later")
    seller.wait(days=31, hours=2)
    good = seller.method(subscription.customer)

    seller.v1.subscriptions.update(subscription.id, {"default_payment_method": good.id})
    unpaid = seller.v1.invoices.list({"subscription": subscription.id, "status": "open"}).data[0]
    seller.v1.invoices.pay(unpaid.id)

    assert seller.v1.subscriptions.retrieve(subscription.id).status == "active"


def test_cancelled_subscription_ends_and_bills_no_more(seller: Seller) -> None:
    subscription = seller.simple_subscription()

    ended = seller.v1.subscriptions.cancel(subscription.id)
    told = seller.event_types()[-1]
    seller.wait(days=62)

    assert (ended.status, ended.ended_at is None) == ("canceled", False)
    assert len(seller.v1.invoices.list({"subscription": subscription.id}).data) == 1
    assert told == "customer.subscription.deleted"


def test_cancel_at_period_end_ends_there(seller: Seller) -> None:
    subscription = seller.simple_subscription()
    item = seller.v1.subscriptions.retrieve(subscription.id)["items"].data[0]

    seller.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})
    seller.wait(days=32)

    ended = seller.v1.subscriptions.retrieve(subscription.id)
    assert (ended.status, ended.ended_at) == ("canceled", item.current_period_end)


def test_unpaid_first_invoice_expires_after_23_hours(seller: Seller) -> None:
    subscription = seller.simple_subscription("card_declined")
    assert subscription.status == "incomplete"

    seller.wait(hours=24)

    assert seller.v1.subscriptions.retrieve(subscription.id).status == "incomplete_expired"
    assert seller.v1.invoices.retrieve(subscription.latest_invoice.id).status == "void"
    assert seller.event_types()[-4:] == [
        "customer.subscription.updated",
        "payment_intent.canceled",
        "invoice.updated",
        "invoice.voided",
    ]


@pytest.mark.parametrize(
    ("start", "interval", "count", "ends"),
    [
        ("2027-01-31", "month", 1, ["2027-02-28", "2027-03-31", "2027-04-30"]),
        ("2028-01-30", "month", 1, ["2028-02-29", "2028-03-30", "2028-04-30"]),
        ("2028-02-29", "year", 1, ["2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"]),
        ("2026-11-30", "month", 3, ["2027-02-28", "2027-05-30", "2027-08-30"]),
        ("2026-12-28", "week", 1, ["2027-01-04", "2027-01-11"]),
    ],
)
def test_periods_keep_the_anchors_day(
    start: str, interval: str, count: int, ends: list[str]
) -> None:
    anchor = int(datetime.fromisoformat(start).replace(tzinfo=UTC).timestamp())

    found = [boundary(anchor, interval, count, number) for number in range(1, len(ends) + 1)]

    assert [f"{datetime.fromtimestamp(end, UTC):%Y-%m-%d}" for end in found] == ends
