"""Stripe when money moves: subscriptions and invoices, paid, waiting, declined, found again."""

from urllib.parse import urlsplit

import pytest

from app.errors import FailureKind, ProviderError
from app.plan_lines import BillingPlan
from app.providers.downloads import fetch_invoice_pdf
from app.providers.stripe.answers import InvoiceState, SubscriptionState
from sandbox.stripe.books import Books
from sandbox.stripe.deliveries import Deliveries
from tests.contracts.providers.conftest import Shop

MINE = {"proposal": "p-1", "revision": "1"}


def subscribe(
    shop: Shop, choice: str, kind: str = "card", *, off_session: bool = False
) -> SubscriptionState:
    customer_id = shop.customer()
    method_id = shop.method(customer_id, choice, kind)
    plan = BillingPlan(
        "EUR", "month", (shop.line("Bureau", 120000),), (shop.line("Mise en service", 15000),)
    )
    return shop.stripe.create_subscription(
        plan,
        customer_id=customer_id,
        payment_method_id=method_id,
        off_session=off_session,
        metadata=MINE,
        operation_key="subscription-1",
    )


def invoice(shop: Shop, choice: str, kind: str = "card") -> InvoiceState:
    """Make, fill and finalize an invoice of two lines, in three calls."""
    customer_id = shop.customer()
    method_id = shop.method(customer_id, choice, kind)
    lines = (shop.line("Salle", 57600), shop.line("Café", 9660, "10"))
    draft = shop.stripe.create_invoice(
        customer_id=customer_id,
        currency="EUR",
        payment_method_id=method_id,
        metadata=MINE,
        operation_key="invoice-1",
    )
    filled = shop.stripe.add_lines(draft.id, lines, "EUR", "invoice-1-lines")
    assert (filled.status, filled.total_minor, filled.amount_due_minor) == ("draft", 79746, 79746)
    return shop.stripe.finalize_invoice(draft.id, "invoice-1-finalize")


def pay(shop: Shop, invoice_id: str, key: str = "pay-1") -> InvoiceState:
    return shop.stripe.pay_invoice(invoice_id, None, key, off_session=False)


def calls(shop: Shop) -> int:
    return shop.sandbox.world.journal.count("stripe")


def test_subscription_is_paid_in_one_call(shop: Shop) -> None:
    subscribe(shop, "card_ok")
    entry = shop.sandbox.world.journal.entries("stripe")[-1]

    [state] = shop.stripe.find_subscriptions(shop.customer(), MINE)

    assert (entry["method"], entry["path"]) == ("POST", "/v1/subscriptions")
    assert (state.status, state.metadata) == ("active", MINE)


@pytest.mark.parametrize("choice", ["card_ok", "card_declined"])
def test_cancelled_subscription_charges_nothing_more(shop: Shop, choice: str) -> None:
    made = subscribe(shop, choice)
    invoices = list(shop.stripe.find_invoices(made.customer_id, MINE))

    ended = shop.stripe.cancel_subscription(made.id, "cancel-1")
    again = shop.stripe.cancel_subscription(made.id, "cancel-2")

    assert (ended.status, again.status) == ("canceled", "canceled")
    assert ended.has_ended
    assert list(shop.stripe.find_invoices(made.customer_id, MINE)) == invoices
    with pytest.raises(ProviderError):
        shop.stripe.cancel_subscription("sub_unknown", "cancel-3")


def test_paid_first_invoice_tells_everything(shop: Shop) -> None:
    state = subscribe(shop, "card_ok")

    assert state.latest_invoice is not None
    first = shop.stripe.retrieve_invoice(state.latest_invoice.id)
    assert (first.status, first.payment_status, first.currency) == ("paid", "succeeded", "EUR")
    assert (first.total_minor, first.amount_due_minor) == (162000, 162000)
    assert (first.subscription_id, first.billing_reason) == (state.id, "subscription_create")
    assert first.metadata == MINE
    assert first.number
    assert first.hosted_url
    assert first.pdf_url
    assert first.paid_at is not None
    lines = shop.stripe.invoice_lines(first.id)
    assert sorted(line.amount_minor for line in lines) == [15000, 120000]


def test_first_charge_that_needs_3ds_is_a_result(shop: Shop) -> None:
    state = subscribe(shop, "card_3ds_at_charge")

    assert state.status == "incomplete"
    assert state.latest_invoice is not None
    assert state.latest_invoice.status == "open"
    assert state.latest_invoice.payment_status == "requires_action"
    assert state.latest_invoice.hosted_url


def test_first_charge_off_session_names_authentication(shop: Shop) -> None:
    state = subscribe(shop, "card_3ds_at_charge", off_session=True)

    assert state.latest_invoice is not None
    assert state.latest_invoice.status == "open"
    assert state.latest_invoice.payment_status == "requires_payment_method"
    assert state.latest_invoice.failure_code == "authentication_required"
    assert state.latest_invoice.needs_person


def test_declined_first_charge_is_a_result(shop: Shop) -> None:
    state = subscribe(shop, "card_declined")

    assert state.status == "incomplete"
    assert state.latest_invoice is not None
    assert state.latest_invoice.payment_status == "requires_payment_method"
    assert state.latest_invoice.failure_code
    assert state.latest_invoice.failure_message


def test_sepa_is_processing_and_not_paid(shop: Shop) -> None:
    state = subscribe(shop, "sepa_ok", "sepa_debit")

    assert state.latest_invoice is not None
    assert state.latest_invoice.status == "open"
    assert state.latest_invoice.payment_status == "processing"


def test_subscription_takes_another_method(shop: Shop) -> None:
    state = subscribe(shop, "card_declined")
    other = shop.method(state.customer_id, "card_ok")

    shop.stripe.set_subscription_method(state.id, other, "method-2")

    world = shop.sandbox.world
    kept = Books(world, Deliveries(world), "acct_sandbox0001").get("subscription", state.id)
    assert kept["default_payment_method"] == other


def test_invoice_is_finalized_and_paid(shop: Shop) -> None:
    final = invoice(shop, "card_ok")

    paid = pay(shop, final.id)

    assert (final.status, final.billing_reason) == ("open", "manual")
    assert final.number
    assert (paid.status, paid.payment_status) == ("paid", "succeeded")
    assert paid.metadata == MINE
    lines = shop.stripe.invoice_lines(paid.id)
    assert [line.description for line in lines] == ["Salle", "Café"]


@pytest.mark.parametrize(
    ("choice", "kind", "payment_status"),
    [
        ("card_3ds_at_charge", "card", "requires_action"),
        ("card_declined", "card", "requires_payment_method"),
        ("sepa_ok", "sepa_debit", "processing"),
    ],
)
def test_charge_that_did_not_go_through_is_a_result(
    shop: Shop, choice: str, kind: str, payment_status: str
) -> None:
    final = invoice(shop, choice, kind)
    before = calls(shop)

    state = pay(shop, final.id)

    assert (state.status, state.payment_status) == ("open", payment_status)
    assert (state.failure_code is not None) is (payment_status == "requires_payment_method")
    assert state.needs_person is (payment_status == "requires_action")
    assert calls(shop) - before <= 2


def test_declined_invoice_is_paid_by_another_card(shop: Shop) -> None:
    final = invoice(shop, "card_declined")
    pay(shop, final.id)
    other = shop.method(final.customer_id or "", "card_ok")

    paid = shop.stripe.pay_invoice(final.id, other, "pay-2", off_session=True)

    assert (paid.status, paid.payment_status) == ("paid", "succeeded")


def test_invoice_paid_already_is_returned(shop: Shop) -> None:
    final = invoice(shop, "card_ok")
    pay(shop, final.id)

    assert pay(shop, final.id, "pay-again").status == "paid"
    assert shop.stripe.finalize_invoice(final.id, "finalize-again").status == "paid"


def test_invoice_is_found_by_what_we_wrote_on_it(shop: Shop) -> None:
    final = invoice(shop, "card_ok")
    customer_id = final.customer_id or ""

    found = list(shop.stripe.find_invoices(customer_id, MINE))

    assert [invoice.id for invoice in found] == [final.id]
    assert list(shop.stripe.find_invoices(customer_id, {"proposal": "p-2"})) == []
    assert list(shop.stripe.find_invoices("cus_unknown", MINE)) == []
    assert list(shop.stripe.find_subscriptions(customer_id, MINE)) == []
    assert list(shop.stripe.find_subscriptions("cus_unknown", MINE)) == []


def test_invoices_pdf_is_fetched(shop: Shop) -> None:
    paid = pay(shop, invoice(shop, "card_ok").id)
    host = urlsplit(shop.sandbox.url).netloc

    assert fetch_invoice_pdf(paid.pdf_url or "", (host,)).startswith(b"%PDF-")


def test_unknown_ids_are_resource_missing(shop: Shop) -> None:
    with pytest.raises(ProviderError) as missing:
        shop.stripe.retrieve_invoice("in_unknown")

    assert (missing.value.kind, missing.value.code) == (FailureKind.PERMANENT, "resource_missing")


def test_what_is_gone_is_found_as_nothing(shop: Shop) -> None:
    assert shop.stripe.find_invoice("in_unknown") is None
    assert shop.stripe.find_subscription("sub_unknown") is None


def test_paying_an_unknown_invoice_is_permanent(shop: Shop) -> None:
    with pytest.raises(ProviderError) as missing:
        pay(shop, "in_unknown")

    assert missing.value.code == "resource_missing"
