"""The states a first charge can end in, for a subscription and for a one-off invoice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
import stripe

if TYPE_CHECKING:
    from tests.contracts.stripe_sandbox.seller import Seller


def post(url: str, **form: str) -> requests.Response:
    return requests.post(url, data=form, timeout=5)


def one_off(seller: Seller, choice: str) -> Any:
    customer = seller.customer()
    return seller.open_invoice(customer.id, seller.method(customer.id, choice).id)


def test_3ds_now_then_paid_without_asking_again(seller: Seller) -> None:
    subscription = seller.simple_subscription("card_3ds_now")

    assert (subscription.status, subscription.latest_invoice.status) == ("active", "paid")


def test_3ds_at_charge_on_session_requires_action(seller: Seller) -> None:
    subscription = seller.simple_subscription("card_3ds_at_charge")

    invoice = subscription.latest_invoice
    intent = seller.intent_of(invoice.id)
    assert (subscription.status, invoice.status) == ("incomplete", "open")
    assert (intent.status, intent.next_action.type) == ("requires_action", "redirect_to_url")
    assert seller.event_types()[-5:] == [
        "payment_intent.requires_action",
        "invoice.updated",
        "invoice.payment_failed",
        "invoice.payment_action_required",
        "customer.subscription.created",
    ]


def test_3ds_at_charge_off_session_asks_for_the_customer(seller: Seller) -> None:
    subscription = seller.simple_subscription("card_3ds_at_charge", off_session=True)

    intent = seller.intent_of(subscription.latest_invoice.id)
    assert subscription.status == "incomplete"
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error.code == "authentication_required"
    assert intent.last_payment_error.decline_code == "authentication_required"
    assert "invoice.payment_failed" in seller.event_types()


@pytest.mark.parametrize("off_session", [False, True])
def test_confirming_on_the_invoice_page_starts_it(seller: Seller, off_session: bool) -> None:
    subscription = seller.simple_subscription("card_3ds_at_charge", off_session=off_session)
    invoice = subscription.latest_invoice
    intent = seller.intent_of(invoice.id)

    page = requests.get(invoice.hosted_invoice_url, timeout=5)
    assert f"/stripe/3ds/{intent.id}" in page.text
    post(f"{seller.base}/3ds/{intent.id}", answer="confirm")

    assert seller.v1.subscriptions.retrieve(subscription.id).status == "active"
    assert seller.v1.invoices.retrieve(invoice.id).status == "paid"


def test_refusing_at_the_bank_leaves_it_open(seller: Seller) -> None:
    subscription = seller.simple_subscription("card_3ds_at_charge")
    intent = seller.intent_of(subscription.latest_invoice.id)

    page = post(f"{seller.base}/3ds/{intent.id}", answer="refuse")

    assert "The bank did not confirm" in page.text
    intent = seller.v1.payment_intents.retrieve(intent.id)
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error.code == "payment_intent_authentication_failure"
    assert seller.v1.subscriptions.retrieve(subscription.id).status == "incomplete"


def test_declined_first_charge_leaves_incomplete(seller: Seller) -> None:
    subscription = seller.simple_subscription("card_declined")

    intent = seller.intent_of(subscription.latest_invoice.id)
    assert (subscription.status, subscription.latest_invoice.status) == ("incomplete", "open")
    assert intent.last_payment_error.decline_code == "generic_decline"
    assert seller.event_types()[-4:] == [
        "payment_intent.payment_failed",
        "invoice.updated",
        "invoice.payment_failed",
        "customer.subscription.created",
    ]


def test_another_card_on_the_invoice_page_pays(seller: Seller) -> None:
    subscription = seller.simple_subscription("card_declined")
    invoice = subscription.latest_invoice

    refused = post(invoice.hosted_invoice_url, choice="card_declined")
    taken = post(invoice.hosted_invoice_url, choice="card_ok")

    assert "declined" in refused.text
    assert taken.status_code == 200
    current = seller.v1.subscriptions.retrieve(subscription.id)
    assert (
        current.status,
        current.default_payment_method == subscription.default_payment_method,
    ) == (
        "active",
        False,
    )


def test_pay_of_a_declined_card_is_a_402(seller: Seller) -> None:
    invoice = one_off(seller, "card_declined")

    with pytest.raises(stripe.CardError) as refusal:
        seller.v1.invoices.pay(invoice.id, {"off_session": False})

    assert (refusal.value.http_status, refusal.value.code) == (402, "card_declined")
    assert seller.v1.invoices.retrieve(invoice.id).status == "open"


@pytest.mark.parametrize(
    ("off_session", "code"),
    [(False, "invoice_payment_intent_requires_action"), (True, "authentication_required")],
)
def test_pay_that_needs_3ds_is_a_402(seller: Seller, off_session: bool, code: str) -> None:
    invoice = one_off(seller, "card_3ds_at_charge")

    with pytest.raises(stripe.CardError) as refusal:
        seller.v1.invoices.pay(invoice.id, {"off_session": off_session})

    assert refusal.value.code == code


def test_declined_invoice_is_paid_with_another_method(seller: Seller) -> None:
    invoice = one_off(seller, "card_declined")
    good = seller.method(str(invoice.customer))
    with pytest.raises(stripe.CardError):
        seller.v1.invoices.pay(invoice.id)

    paid = seller.v1.invoices.pay(invoice.id, {"payment_method": good.id})

    assert (paid.status, paid.attempt_count) == ("paid", 2)


def test_sepa_is_processing_for_days_then_paid(seller: Seller) -> None:
    subscription = seller.simple_subscription("sepa_ok")
    invoice = subscription.latest_invoice
    assert (subscription.status, invoice.status) == ("active", "open")
    assert seller.intent_of(invoice.id).status == "processing"

    seller.wait(days=4)
    assert seller.v1.invoices.retrieve(invoice.id).status == "open"
    seller.wait(days=1, minutes=1)

    assert seller.v1.invoices.retrieve(invoice.id).status == "paid"
    assert seller.intent_of(invoice.id).status == "succeeded"


def test_sepa_that_bounces_fails_after_days(seller: Seller) -> None:
    subscription = seller.simple_subscription("sepa_bounces")
    invoice = subscription.latest_invoice

    seller.wait(days=5, minutes=1)

    intent = seller.intent_of(invoice.id)
    assert seller.v1.invoices.retrieve(invoice.id).status == "open"
    assert (intent.status, intent.last_payment_error.decline_code) == (
        "requires_payment_method",
        "insufficient_funds",
    )
    assert seller.v1.subscriptions.retrieve(subscription.id).status == "past_due"
    assert "invoice.payment_failed" in seller.event_types()


@pytest.mark.parametrize(("cents", "status"), [(1_000_000, "processing"), (1_000_001, "failed")])
def test_debit_has_a_limit(seller: Seller, cents: int, status: str) -> None:
    customer = seller.customer()
    method = seller.method(customer.id, "sepa_ok")
    invoice = seller.open_invoice(customer.id, method.id, cents)

    if status == "processing":
        seller.v1.invoices.pay(invoice.id)
        assert seller.intent_of(invoice.id).status == "processing"
    else:
        with pytest.raises(stripe.CardError) as refusal:
            seller.v1.invoices.pay(invoice.id)
        assert refusal.value.code == "charge_exceeds_transaction_limit"


def test_debit_under_way_is_not_charged_again(seller: Seller) -> None:
    invoice = one_off(seller, "sepa_ok")
    seller.v1.invoices.pay(invoice.id)

    with pytest.raises(stripe.InvalidRequestError, match="processing"):
        seller.v1.invoices.pay(invoice.id)


def test_payments_can_be_found_from_the_intent(seller: Seller) -> None:
    subscription = seller.simple_subscription()
    intent = seller.intent_of(subscription.latest_invoice.id)

    found = seller.v1.invoice_payments.list(
        {
            "payment": {"type": "payment_intent", "payment_intent": intent.id},
            "expand": ["data.invoice"],
        }
    )

    assert [one.invoice.id for one in found.data] == [subscription.latest_invoice.id]
    charge = seller.v1.charges.retrieve(str(intent.latest_charge))
    assert (charge.status, charge.payment_intent) == ("succeeded", intent.id)
    assert requests.get(str(charge.receipt_url), timeout=5).status_code == 200
