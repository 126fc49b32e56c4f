"""One customer, several currencies: https://docs.stripe.com/invoicing/multi-currency-customers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

if TYPE_CHECKING:
    from tests.contracts.stripe_sandbox.seller import Seller


def invoice(seller: Seller, customer: str, currency: str, minor: int) -> Any:
    """A finalized invoice in any currency."""
    draft = seller.v1.invoices.create({"customer": customer, "currency": currency})
    seller.v1.invoices.add_lines(draft.id, {"lines": [{"amount": minor, "description": "x"}]})
    return seller.v1.invoices.finalize_invoice(draft.id)


def dashboard(seller: Seller, customer: str, **change: int) -> None:
    requests.post(f"{seller.base}/control/customers/{customer}", json=change, timeout=5)


def test_running_subscription_does_not_bind_a_single_invoice(seller: Seller) -> None:
    running = seller.simple_subscription()

    pounds = invoice(seller, running.customer, "gbp", 10_000)

    assert (pounds.currency, pounds.amount_due) == ("gbp", 10_000)
    assert seller.v1.customers.retrieve(running.customer).currency == "eur"


@pytest.mark.parametrize(("currency", "due"), [("eur", 7000), ("gbp", 10_000)])
def test_credit_counts_in_its_own_currency_only(seller: Seller, currency: str, due: int) -> None:
    customer = seller.simple_subscription().customer
    dashboard(seller, customer, balance=-3000)

    assert invoice(seller, customer, currency, 10_000).amount_due == due


def test_what_is_too_small_to_charge_waits_in_its_currency(seller: Seller) -> None:
    customer = seller.simple_subscription().customer

    small = invoice(seller, customer, "gbp", 20)
    euros, pounds = (invoice(seller, customer, name, 1000) for name in ("eur", "gbp"))

    assert (small.status, small.amount_due) == ("paid", 0)
    assert (euros.amount_due, pounds.amount_due) == (1000, 1020)


def test_next_subscription_settles_the_currency_anew(seller: Seller) -> None:
    first = seller.simple_subscription()
    dashboard(seller, first.customer, balance=-3000)
    seller.v1.subscriptions.cancel(first.id)
    pounds = seller.item(seller.product(), currency="gbp")

    seller.subscribe(first.customer, first.default_payment_method, [pounds])

    customer = seller.v1.customers.retrieve(first.customer)
    assert (customer.currency, customer.balance) == ("gbp", 0)
    assert invoice(seller, first.customer, "eur", 10_000).amount_due == 7000


def test_amount_off_in_another_currency_is_ignored(seller: Seller) -> None:
    customer = seller.simple_subscription().customer
    dashboard(seller, customer, amount_off=500)

    assert invoice(seller, customer, "eur", 10_000).total == 9500
    assert invoice(seller, customer, "gbp", 10_000).total == 10_000
