"""Requests are refused with Stripe's statuses, codes and fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
import stripe

from tests.contracts.stripe_sandbox.seller import Seller

if TYPE_CHECKING:
    from sandbox.server import Server

_KEY = {"Authorization": "Bearer rk_test_sandbox0001"}


def post(server: Server, path: str, **form: str) -> requests.Response:
    url = server.world.settings.stripe_api_base + path
    return requests.post(url, data=form, headers=_KEY, timeout=5)


@pytest.mark.parametrize(
    ("path", "form", "code", "param"),
    [
        ("/v1/customers", {"mail": "x"}, "parameter_unknown", "mail"),
        ("/v1/customers", {"address[zip]": "x"}, "parameter_unknown", "address[zip]"),
        ("/v1/products", {}, "parameter_missing", "name"),
        ("/v1/products", {"name": ""}, "parameter_invalid_empty", "name"),
        ("/v1/customers", {"balance": "1.5"}, "parameter_invalid_integer", "balance"),
        ("/v1/products", {"name": "x", "active": "yes"}, None, "active"),
        ("/v1/products", {"name": "x" * 5001}, None, "name"),
        ("/v1/customers", {"address": "x"}, None, "address"),
        ("/v1/products", {"name": "x", "images": "y"}, None, "images"),
        ("/v1/products", {"name": "x", "images[a]": "y"}, None, "images"),
        (
            "/v1/checkout/sessions",
            {"mode": "setup", "payment_method_types[0]": "card"},
            "parameter_unknown",
            "payment_method_types",
        ),
    ],
)
def test_bad_parameter_is_a_400_that_names_it(
    sandbox: Server, path: str, form: dict[str, str], code: str | None, param: str
) -> None:
    answer = post(sandbox, path, **form)

    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (400, "invalid_request_error")
    assert (error.get("code"), error["param"]) == (code, param)
    assert error["message"]
    assert error["request_log_url"].endswith(answer.headers["Request-Id"])


def test_unknown_parameter_does_no_work(seller: Seller) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        seller.customer(nickname="x")

    assert seller.v1.customers.list().data == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer sk_live_other"}, 401),
        ({**_KEY, "Stripe-Account": "acct_sandbox0002"}, 403),
        ({**_KEY, "Stripe-Version": "2024-06-20"}, 400),
        ({**_KEY, "Stripe-Version": "2026-10-28.endive"}, 200),
    ],
)
def test_caller_is_checked(sandbox: Server, headers: dict[str, str], status: int) -> None:
    url = sandbox.world.settings.stripe_api_base + "/v1/account"

    assert requests.get(url, headers=headers, timeout=5).status_code == status


def test_unknown_route_is_stripes_404(sandbox: Server) -> None:
    answer = post(sandbox, "/v1/sources")

    assert answer.status_code == 404
    assert "Unrecognized request URL (POST: /v1/sources)" in answer.json()["error"]["message"]


def test_parameter_not_played_is_said_plainly(seller: Seller) -> None:
    item = {**seller.item(seller.product()), "discounts": [{"coupon": "x"}]}
    customer = seller.customer()

    with pytest.raises(stripe.APIError) as refusal:
        seller.subscribe(customer.id, seller.method(customer.id).id, [item])

    assert refusal.value.http_status == 501
    assert "items.discounts.coupon" in str(refusal.value)


def test_accounts_see_nothing_of_each_other(seller: Seller, sandbox: Server) -> None:
    customer = seller.customer()
    other = Seller(sandbox, "rk_test_sandbox0002")

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        other.v1.customers.retrieve(customer.id)

    assert (refusal.value.http_status, refusal.value.code) == (404, "resource_missing")
    assert other.v1.customers.list().data == []
    assert other.v1.accounts.retrieve_current().id == "acct_sandbox0002"


def test_account_says_who_it_is(seller: Seller) -> None:
    account = seller.v1.accounts.retrieve_current()

    assert (account.id, account.country, account.charges_enabled) == (
        "acct_sandbox0001",
        "FR",
        True,
    )


@pytest.mark.parametrize(
    "expand", ["nothing", "customer.name", "latest_invoice.payments.data.payment.payment_intent"]
)
def test_what_can_not_be_expanded_is_refused(seller: Seller, expand: str) -> None:
    subscription = seller.simple_subscription()

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        seller.v1.subscriptions.retrieve(subscription.id, {"expand": [expand]})

    assert refusal.value.param == "expand"


def test_expansion_reaches_four_levels(seller: Seller) -> None:
    invoice = seller.simple_subscription().latest_invoice

    found: Any = seller.v1.invoices.retrieve(
        invoice.id,
        {
            "expand": [
                "payments.data.payment.payment_intent",
                "customer",
                "parent.subscription_details.subscription",
            ]
        },
    )

    assert found.payments.data[0].payment.payment_intent.status == "succeeded"
    assert found.customer.email == "jeanne@atelier-martin.example"
    assert found.parent.subscription_details.subscription.status == "active"
