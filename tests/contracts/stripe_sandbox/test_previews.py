"""Previews come to what the real invoice comes to, and keep nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
import stripe

if TYPE_CHECKING:
    from tests.contracts.stripe_sandbox.seller import Seller


def test_preview_equals_the_first_invoice(seller: Seller) -> None:
    customer, product, vat = seller.customer(), seller.product(), seller.vat(5.5)
    item: Any = {**seller.item(product, 33335), "quantity": 3, "tax_rates": [vat]}
    fee: Any = {
        "price_data": {"currency": "eur", "product": product, "unit_amount_decimal": "99.5"},
        "tax_rates": [vat],
    }

    preview = seller.v1.invoices.create_preview(
        {
            "customer_details": {"address": {"country": "FR"}, "tax_exempt": "none"},
            "subscription_details": {"items": [item]},
            "invoice_items": [fee],
        }
    )
    real = seller.subscribe(
        customer.id, seller.method(customer.id).id, [item], add_invoice_items=[fee]
    ).latest_invoice

    assert (preview.total, preview.amount_due) == (real.total, real.amount_due)
    assert preview.id.startswith("upcoming_in_")
    assert (preview.status, preview.number, preview.customer) == ("draft", None, None)


def test_preview_of_one_offs_needs_no_subscription(seller: Seller) -> None:
    vat = seller.vat()
    item: Any = {
        "amount": 10000,
        "currency": "jpy",
        "description": "Salle",
        "tax_rates": [vat],
    }

    preview = seller.v1.invoices.create_preview(
        {"customer_details": {"tax_exempt": "none"}, "currency": "jpy", "invoice_items": [item]}
    )

    assert (preview.currency, preview.total) == ("jpy", 12000)
    assert [event for event in seller.event_types() if event.startswith("invoice")] == []


def test_preview_of_a_known_customer_counts_her_balance(seller: Seller) -> None:
    customer, product = seller.customer(), seller.product()
    requests.post(
        f"{seller.base}/control/customers/{customer.id}", json={"balance": -500}, timeout=5
    )
    data: Any = {"currency": "eur", "product": product, "unit_amount": 2000}

    preview = seller.v1.invoices.create_preview(
        {"customer": customer.id, "invoice_items": [{"price_data": data}]}
    )

    assert (preview.total, preview.amount_due) == (2000, 1500)
    assert seller.v1.customers.retrieve(customer.id).balance == -500


def test_preview_of_a_subscription_shows_its_renewal(seller: Seller) -> None:
    subscription = seller.simple_subscription()
    item = seller.v1.subscriptions.retrieve(subscription.id)["items"].data[0]

    preview = seller.v1.invoices.create_preview(
        {"subscription": subscription.id, "customer": subscription.customer}
    )

    assert preview.total == 45000
    assert preview.lines.data[0].period.start == item.current_period_end


def test_preview_of_nothing_is_refused(seller: Seller) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        seller.v1.invoices.create_preview({"customer": seller.customer().id})

    assert refusal.value.code == "invoice_upcoming_none"


@pytest.mark.parametrize(
    ("currency", "largest"), [("eur", 99_999_999), ("jpy", 99_999_999), ("idr", 999_999_999_999)]
)
def test_amount_is_taken_up_to_the_currencys_bound(
    seller: Seller, currency: str, largest: int
) -> None:
    product = seller.product()

    def previewed(cents: int) -> Any:
        price = {"currency": currency, "unit_amount": cents, "product": product}
        items: Any = [{"price_data": price}]
        buyer: Any = {"customer_details": {"tax_exempt": "none"}}
        return seller.v1.invoices.create_preview(
            {**buyer, "currency": currency, "invoice_items": items}
        )

    assert previewed(largest).total == largest
    with pytest.raises(stripe.InvalidRequestError, match="no more than"):
        previewed(largest + 1)
