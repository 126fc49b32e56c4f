"""The seller's dashboard shows what the account holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests
import stripe

if TYPE_CHECKING:
    from tests.contracts.stripe_sandbox.seller import Seller


def test_dashboard_lists_what_the_account_holds(seller: Seller) -> None:
    subscription = seller.simple_subscription()

    page = requests.get(f"{seller.base}/dashboard", timeout=5).text

    assert subscription.id in page
    assert subscription.latest_invoice.number in page
    assert "customer.subscription.created" in page


def test_dashboard_of_another_account_is_empty(seller: Seller) -> None:
    seller.simple_subscription()

    page = requests.get(f"{seller.base}/dashboard?account=acct_sandbox0002", timeout=5).text

    assert "Aucun client" in page


def test_balance_set_in_a_form_is_the_customers(seller: Seller) -> None:
    customer = seller.customer()

    answer = requests.post(
        f"{seller.base}/control/customers/{customer.id}",
        data={"balance": "-250", "percent_off": "12.5"},
        timeout=5,
    )

    changed = seller.v1.customers.retrieve(customer.id)
    assert answer.url.endswith("/dashboard?account=acct_sandbox0001")
    assert changed.balance == -250
    assert changed.discount.source.type == "coupon"


def test_unknown_page_is_a_404(seller: Seller) -> None:
    for path in ("c/pay/cs_x", "i/in_x", "3ds/pi_x", "receipts/ch_x", "dashboard?account=x"):
        assert requests.get(f"{seller.base}/{path}", timeout=5).status_code == 404


def test_deleted_customer_leaves_her_id_and_no_subscription(seller: Seller) -> None:
    running = seller.simple_subscription()
    customer = str(running.customer)

    requests.post(f"{seller.base}/control/customers/{customer}/delete", json={}, timeout=5)

    left = seller.v1.customers.retrieve(customer)
    assert left.to_dict() == {"id": customer, "object": "customer", "deleted": True}
    assert seller.v1.customers.list({"email": "jeanne@atelier-martin.example"}).data == []
    assert seller.v1.subscriptions.retrieve(running.id).status == "canceled"
    assert seller.event_types()[-2:] == ["customer.subscription.deleted", "customer.deleted"]
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        seller.v1.invoices.create({"customer": customer, "currency": "eur"})


def test_address_of_an_object_leads_to_its_row(seller: Seller) -> None:
    subscription = seller.simple_subscription()

    answer = requests.get(
        f"{seller.base}/dashboard/test/subscriptions/{subscription.id}", timeout=5
    )

    assert answer.url.endswith(f"/dashboard?account=acct_sandbox0001#{subscription.id}")
    assert f'<tr id="{subscription.id}">' in answer.text
    lost = requests.get(f"{seller.base}/dashboard/test/invoices/in_x", timeout=5)
    assert lost.status_code == 404
