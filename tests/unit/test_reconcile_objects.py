"""Stripe's objects beside our rows, as a table: each difference by its kind, all else in step."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.models import Purchase
from app.providers.stripe.answers import InvoiceState, Listed
from app.reconcile.objects import Ours, compare, compare_closely, needs_closer_look
from app.reconcile.repairs import ReadAgain
from app.reconcile.seen import Seen
from tests.values import NOON

NAME = "0b9f5c5e-0000-4000-8000-000000000001"
MARK = {"propale_purchase": NAME, "propale_number": "2026-0001"}
BUYER = {"propale_buyer": "148111:company:601"}
LIVING = ("active", "trialing", "past_due", "unpaid", "paused")


def purchase(**more: Any) -> Purchase:
    values = {"status": "paid", "billed_pages": [], "stripe_subscription_id": "sub_1"}
    return Purchase(tenant_id=1, public_id=NAME, **{**values, **more})


def listed(kind: str, object_id: str, status: str, **more: Any) -> Listed:
    values = {"livemode": False, "created_at": NOON, "metadata": MARK}
    return Listed(kind=kind, id=object_id, status=status, **{**values, **more})


def ours(object_id: str, row: Purchase | None, **more: Any) -> Ours:
    return Ours(False, NOON, {object_id: row} if row else {}, **more)


ONE_OFF = {"stripe_subscription_id": None, "stripe_invoice_id": "in_2", "first_paid_at": NOON}
INVOICES = [
    ("paid", {}, {}, "invoice_unknown"),
    ("paid", {}, {"paid": frozenset({"in_1"})}, None),
    ("paid", {}, {"busy": frozenset({NAME})}, None),
    ("draft", {}, {}, None),
    ("open", {"status": "past_due"}, {}, None),
    ("void", {"status": "action_needed", "stripe_invoice_id": "in_1"}, {}, "purchase_behind"),
    ("uncollectible", {"status": "pending", "stripe_invoice_id": "in_1"}, {}, "purchase_behind"),
    ("void", {"status": "failed", "stripe_invoice_id": "in_1"}, {}, None),
    ("void", {"status": "action_needed", "stripe_invoice_id": "in_2"}, {}, None),
    ("void", {"stripe_invoice_id": "in_1", "first_paid_at": NOON}, {}, None),
    ("paid", ONE_OFF, {}, "invoice_unknown"),
    ("paid", ONE_OFF, {"paid": frozenset({"in_1"})}, "doubled_payment"),
    ("paid", {**ONE_OFF, "stripe_invoice_id": "in_1"}, {"paid": frozenset({"in_1"})}, None),
]


@pytest.mark.parametrize(("status", "row", "more", "kind"), INVOICES)
def test_invoice(status: str, row: dict[str, Any], more: dict[str, Any], kind: str | None) -> None:
    found = compare(listed("invoice", "in_1", status), ours("in_1", purchase(**row), **more))

    assert (found.kind if found else None) == kind
    repaired = kind not in (None, "doubled_payment")
    assert isinstance(found.repair if found else None, ReadAgain) == repaired


SUBSCRIPTIONS = [
    ("active", {}, None),
    ("canceled", {}, "purchase_behind"),
    ("canceled", {"status": "cancelled"}, None),
    ("canceled", {"stripe_subscription_id": None}, None),
    ("canceled", {"stripe_subscription_id": "sub_2"}, None),
    ("incomplete_expired", {"status": "action_needed"}, "purchase_behind"),
    ("incomplete_expired", {"status": "failed"}, None),
    ("incomplete_expired", {"status": "failed", "stripe_subscription_id": None}, None),
    ("incomplete", {"status": "held", "stripe_subscription_id": None}, "purchase_behind"),
    ("incomplete", {"status": "failed", "stripe_subscription_id": "sub_2"}, None),
    *((status, {"stripe_subscription_id": None}, "purchase_behind") for status in LIVING),
    *((status, {"stripe_subscription_id": "sub_2"}, "doubled_subscription") for status in LIVING),
]


@pytest.mark.parametrize(("status", "row", "kind"), SUBSCRIPTIONS)
def test_subscription(status: str, row: dict[str, Any], kind: str | None) -> None:
    found = compare(listed("subscription", "sub_1", status), ours("sub_1", purchase(**row)))

    assert (found.kind if found else None) == kind
    assert found is None or (found.repair is None) == (kind == "doubled_subscription")


SESSIONS = [
    ("complete", {"status": "awaiting_method"}, "method_unbilled"),
    ("complete", {"status": "awaiting_method", "billed_pages": ["cs_1"]}, None),
    ("complete", {"status": "awaiting_method", "stripe_session_id": "cs_2"}, None),
    ("complete", {"status": "paid"}, None),
    ("complete", {"status": "pending"}, None),
    ("open", {"status": "awaiting_method"}, None),
]


@pytest.mark.parametrize(("status", "row", "kind"), SESSIONS)
def test_session(status: str, row: dict[str, Any], kind: str | None) -> None:
    mine = purchase(**{"stripe_session_id": "cs_1", "stripe_subscription_id": None, **row})

    found = compare(listed("checkout.session", "cs_1", status), ours("cs_1", mine))

    assert (found.kind if found else None) == kind


@pytest.mark.parametrize(("days", "kind"), [(7, "method_unbilled"), (7.1, "method_old")])
def test_old_method_is_left_to_a_person(days: float, kind: str) -> None:
    row = purchase(status="awaiting_method", stripe_session_id="cs_1", stripe_subscription_id=None)
    page = listed("checkout.session", "cs_1", "complete", created_at=NOON - timedelta(days=days))

    found = compare(page, ours("cs_1", row))

    assert found
    assert (found.kind, found.repair is None) == (kind, kind == "method_old")


@pytest.mark.parametrize(
    ("used", "kind"), [("cus_1", None), ("cus_2", "doubled_customer"), ("", None), (None, None)]
)
def test_customer(used: str | None, kind: str | None) -> None:
    customers = {} if used is None else {BUYER["propale_buyer"]: used}

    found = compare(
        listed("customer", "cus_1", "", metadata=BUYER), Ours(False, NOON, {}, customers=customers)
    )

    assert (found.kind if found else None) == kind


STRANGERS = [
    ("invoice", "paid", True),
    ("invoice", "open", False),
    ("subscription", "active", True),
    ("subscription", "canceled", False),
    ("checkout.session", "complete", False),
]


@pytest.mark.parametrize(("kind", "status", "said"), STRANGERS)
def test_object_of_an_unknown_purchase_is_said_when_money_moves(
    kind: str, status: str, said: bool
) -> None:
    found = compare(listed(kind, "x_1", status), ours("x_1", None))

    assert (found is not None and found.kind == "purchase_unknown") == said


def test_purchase_of_another_tenant_is_no_difference() -> None:
    theirs = ours("in_1", None, elsewhere=frozenset({NAME}))

    assert compare(listed("invoice", "in_1", "paid"), theirs) is None


def test_object_without_our_mark_is_none_of_our_business() -> None:
    assert compare(listed("invoice", "in_1", "paid", metadata={}), ours("in_1", None)) is None
    other_mode = listed("subscription", "sub_9", "active", metadata={}, livemode=True)
    assert compare(other_mode, ours("sub_9", None)) is None


def test_object_that_lost_its_mark_is_known_by_its_id() -> None:
    bare = listed("subscription", "sub_1", "canceled", metadata={})

    found = compare(bare, ours("sub_1", purchase()))

    assert found
    assert found.kind == "purchase_behind"


@pytest.mark.parametrize("kind", ["customer", "subscription", "invoice", "checkout.session"])
def test_object_of_the_other_mode_is_said(kind: str) -> None:
    found = compare(listed(kind, "x_1", "paid", livemode=True), ours("x_1", purchase()))

    assert found
    assert (found.kind, found.repair) == ("wrong_mode", None)


RENEWED = {"status": "pending", "newest_invoice_at": NOON + timedelta(days=1)}


@pytest.mark.parametrize(
    ("status", "row", "closer"),
    [
        ("open", {"status": "pending"}, True),
        ("open", {"status": "paid"}, True),
        ("open", {"status": "action_needed"}, True),
        ("open", {"status": "past_due"}, False),
        ("open", {"status": "failed"}, False),
        ("paid", {"status": "pending"}, False),
        ("open", {"newest_invoice_at": NOON + timedelta(days=1), "first_paid_at": NOON}, False),
        ("open", {"status": "pending", "stripe_invoice_id": "in_2"}, False),
        ("open", {**RENEWED, "stripe_invoice_id": "in_1"}, True),
    ],
)
def test_open_invoice_is_read_where_the_list_says_too_little(
    status: str, row: dict[str, Any], closer: bool
) -> None:
    found = listed("invoice", "in_1", status)

    assert needs_closer_look(found, ours("in_1", purchase(**row))) == closer
    assert not needs_closer_look(found, ours("in_1", purchase(**row), busy=frozenset({NAME})))


@pytest.mark.parametrize(
    ("row", "payment", "differs"),
    [
        ({"status": "pending", "stripe_invoice_id": "in_1"}, "processing", False),
        ({"status": "pending", "stripe_invoice_id": "in_1"}, "requires_payment_method", True),
        ({"status": "paid", "stripe_invoice_id": "in_0"}, "processing", False),
        ({"status": "paid", "stripe_invoice_id": "in_0"}, "requires_payment_method", True),
        ({"status": "action_needed", "stripe_invoice_id": "in_1"}, "requires_action", False),
    ],
)
def test_open_invoice_read_with_its_payment(
    row: dict[str, Any], payment: str, differs: bool
) -> None:
    failed = "card_declined" if payment == "requires_payment_method" else None

    found = compare_closely(open_invoice(payment, failed), purchase(**row))

    assert (found is not None and found.kind == "purchase_behind") == differs


def open_invoice(payment: str, failed: str | None) -> InvoiceState:
    return InvoiceState(
        id="in_1",
        status="open",
        number="SBX-1",
        currency="EUR",
        total_minor=54_000,
        amount_due_minor=54_000,
        hosted_url=None,
        pdf_url=None,
        subscription_id="sub_1",
        billing_reason="subscription_cycle",
        customer_id="cus_1",
        metadata=MARK,
        payment_status=payment,
        failure_code=failed,
        failure_message=None,
        created_at=NOON,
        paid_at=None,
    )


def test_seen_rows_are_told_from_unseen() -> None:
    seen = Seen()
    for number in (1, 8, 1000):
        seen.add(number)

    assert [number for number in (0, 1, 7, 8, 9, 999, 1000, 10_000) if number in seen] == [
        *(1, 8, 1000)
    ]
