"""Each rule that no type holds refuses its example, without doing any work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests
import stripe

from sandbox.stripe.rules import RULES

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.contracts.stripe_sandbox.seller import Seller

_MONTHLY = {"interval": "month"}


def price(**changes: Any) -> Any:
    return {"price_data": {"currency": "eur", "unit_amount": 1000, "product": "prod_x", **changes}}


def preview(seller: Seller, *items: Any, **more: Any) -> Any:
    given = {"customer_details": {"tax_exempt": "none"}, "invoice_items": list(items), **more}
    return seller.v1.invoices.create_preview(given)


def subscribe(seller: Seller, **changes: Any) -> Any:
    """A subscription that would be good without the changes."""
    customer = seller.customer()
    items = [seller.item(seller.product())]
    method = seller.method(customer.id).id
    given = {"customer": customer.id, "items": items, "default_payment_method": method, **changes}
    return seller.v1.subscriptions.create(
        {name: value for name, value in given.items() if value is not None}
    )


def vat_that_is_off(seller: Seller) -> str:
    rate = seller.v1.tax_rates.create(
        {"display_name": "TVA", "percentage": 20, "inclusive": False, "active": False}
    )
    return str(rate.id)


def many_endpoints(seller: Seller) -> Any:
    for _ in range(17):
        seller.v1.webhook_endpoints.create(
            {"url": "http://127.0.0.1:9/", "enabled_events": ["invoice.paid"]}
        )


def bound_to_euros(seller: Seller) -> Any:
    running = seller.simple_subscription()
    pounds = seller.item(seller.product(), currency="gbp")
    return seller.subscribe(running.customer, running.default_payment_method, [pounds])


def two_currencies(seller: Seller) -> Any:
    product = seller.product()
    return preview(seller, price(product=product), price(product=product, currency="gbp"))


def sepa_in_pounds(seller: Seller) -> Any:
    customer = seller.customer().id
    method = seller.method(customer, "sepa_ok").id
    return seller.v1.invoices.create(
        {"customer": customer, "currency": "gbp", "default_payment_method": method}
    )


def two_intervals(seller: Seller) -> Any:
    product = seller.product()
    return subscribe(
        seller,
        items=[seller.item(product), seller.item(product, recurring={"interval": "year"})],
    )


def ended(seller: Seller) -> Any:
    subscription = seller.simple_subscription()
    seller.v1.subscriptions.cancel(subscription.id)
    return seller.v1.subscriptions.update(subscription.id, {"cancel_at_period_end": True})


def completed(seller: Seller) -> Any:
    session = seller.session(seller.customer().id)
    seller.v1.checkout.sessions.expire(session.id)
    return seller.v1.checkout.sessions.expire(session.id)


def one_time_price(seller: Seller) -> Any:
    data = price(product=seller.product())
    filled = seller.v1.invoices.add_lines(draft(seller), {"lines": [data]})
    details: Any = filled.lines.data[0].pricing
    return subscribe(seller, items=[{"price": details.price_details.price}])


def paid(seller: Seller) -> Any:
    return seller.simple_subscription().latest_invoice.id


def session(seller: Seller, **changes: Any) -> Any:
    given = {"mode": "setup", "currency": "eur", "success_url": "http://shop.example/", **changes}
    return seller.v1.checkout.sessions.create(
        {name: value for name, value in given.items() if value is not None}
    )


def renewal_draft(seller: Seller) -> str:
    subscription = seller.simple_subscription()
    seller.wait_for_renewal(subscription.id)
    return str(seller.v1.subscriptions.retrieve(subscription.id).latest_invoice)


def deleted_customer(seller: Seller) -> str:
    customer = str(seller.customer().id)
    requests.post(f"{seller.base}/control/customers/{customer}/delete", json={}, timeout=5)
    return customer


def draft(seller: Seller) -> str:
    invoice = seller.v1.invoices.create({"customer": seller.customer().id, "currency": "eur"})
    return str(invoice.id)


def someone_elses_method(seller: Seller) -> Any:
    return subscribe(seller, default_payment_method=seller.method(seller.customer().id).id)


# rule -> (a request it refuses, part of the refusal)
EXAMPLES: dict[str, tuple[Callable[[Seller], Any], str]] = {
    "metadata_has_limits": (lambda s: s.customer(metadata={"k" * 41: "v"}), "Metadata keys"),
    "strings_have_lengths": (lambda s: s.customer(phone="1" * 21), "at most 20 characters"),
    "customer_texts_fit": (lambda s: s.customer(name="n" * 257), "at most 256 characters"),
    "session_texts_fit": (
        lambda s: session(s, setup_intent_data={"description": "d" * 1001}),
        "at most 1000 characters",
    ),
    "invoice_texts_fit": (
        lambda s: s.v1.invoices.update(draft(s), {"description": "d" * 1501}),
        "at most 1500 characters",
    ),
    "subscription_texts_fit": (
        lambda s: subscribe(s, description="d" * 501),
        "at most 500 characters",
    ),
    "currency_is_known": (
        lambda s: s.v1.invoices.create({"customer": s.customer().id, "currency": "EUR"}),
        "Invalid currency: EUR",
    ),
    "customer_exists": (
        lambda s: s.v1.invoices.create({"customer": "cus_nobody"}),
        "No such customer: 'cus_nobody'",
    ),
    "path_customer_exists": (lambda s: s.v1.customers.retrieve("cus_nobody"), "No such customer"),
    "customer_is_not_deleted": (
        lambda s: s.v1.customers.update(deleted_customer(s), {"name": "x"}),
        "No such customer",
    ),
    "tax_rates_are_active": (
        lambda s: preview(s, {**price(product=s.product()), "tax_rates": [vat_that_is_off(s)]}),
        "inactive",
    ),
    "method_is_the_customers": (someone_elses_method, "does not have a payment method"),
    "email_has_a_form": (lambda s: s.customer(email="jeanne@"), "Invalid email address"),
    "product_id_is_new": (
        lambda s: s.v1.products.create({"id": s.product(), "name": "x"}),
        "already exists",
    ),
    "percentage_is_sane": (lambda s: s.vat(101), "between 0 and 100"),
    "webhook_url_is_http": (
        lambda s: s.v1.webhook_endpoints.create({"url": "shop", "enabled_events": ["*"]}),
        "explicit scheme",
    ),
    "few_webhook_endpoints": (many_endpoints, "maximum of 16"),
    "webhook_version_is_played": (
        lambda s: s.v1.webhook_endpoints.create(
            {"url": "http://x/", "enabled_events": ["*"], "api_version": "2024-06-20"}
        ),
        "Invalid API version",
    ),
    "mode_is_setup": (lambda s: session(s, mode="payment"), "does not play"),
    "setup_has_currency_or_kinds": (lambda s: session(s, currency=None), "currency"),
    "success_url_is_given": (lambda s: session(s, success_url=None), "success_url"),
    "urls_are_absolute": (lambda s: session(s, cancel_url="/p/token"), "explicit scheme"),
    "expiry_is_near": (lambda s: session(s, expires_at=1), "at least 30 minutes"),
    "customer_or_email": (
        lambda s: session(s, customer=s.customer().id, customer_email="a@b.example"),
        "only specify one",
    ),
    "configuration_exists": (
        lambda s: session(s, payment_method_configuration="pmc_x"),
        "No such paymentmethodconfiguration",
    ),
    "session_is_open": (completed, "can be expired"),
    "items_are_given": (lambda s: subscribe(s, items=None), "Missing required param: items"),
    "interval_is_within_three_years": (
        lambda s: subscribe(
            s,
            items=[s.item(s.product(), recurring={"interval": "month", "interval_count": 37})],
        ),
        "three years",
    ),
    "price_has_one_amount": (
        lambda s: preview(s, price(product=s.product(), unit_amount_decimal="1")),
        "exactly one of",
    ),
    "amounts_are_within_limits": (
        lambda s: preview(s, price(product=s.product(), unit_amount=100_000_000)),
        "no more than",
    ),
    "product_exists": (lambda s: preview(s, price()), "No such product: 'prod_x'"),
    "one_currency": (two_currencies, "must have the same currency"),
    "subscriptions_share_a_currency": (bound_to_euros, "cannot combine currencies"),
    "one_price_an_item": (lambda s: subscribe(s, items=[{"quantity": 1}]), "exactly one of"),
    "items_recur": (
        one_time_price,
        "only accepts prices with `type=recurring`",
    ),
    "one_interval": (two_intervals, "does not play"),
    "lists_are_short": (
        lambda s: subscribe(s, add_invoice_items=[price(product=s.product())] * 21),
        "maximum 20 allowed",
    ),
    "behaviour_is_played": (
        lambda s: subscribe(s, payment_behavior="default_incomplete"),
        "does not play",
    ),
    "something_to_charge": (
        lambda s: subscribe(s, default_payment_method=None),
        "no attached payment source",
    ),
    "sepa_is_in_euros": (sepa_in_pounds, "`eur`"),
    "subscription_exists": (lambda s: s.v1.subscriptions.retrieve("sub_x"), "No such subscription"),
    "subscription_has_not_ended": (ended, "canceled subscription"),
    "invoice_has_a_customer": (lambda s: s.v1.invoices.create({"currency": "eur"}), "customer"),
    "sent_invoice_is_due": (
        lambda s: s.v1.invoices.create(
            {"customer": s.customer().id, "collection_method": "send_invoice"}
        ),
        "days_until_due",
    ),
    "invoice_exists": (lambda s: s.v1.invoices.retrieve("in_x"), "No such invoice: 'in_x'"),
    "draft_keeps_its_fields": (
        lambda s: s.v1.invoices.update(paid(s), {"description": "x"}),
        "no longer a draft",
    ),
    "invoice_is_a_draft": (
        lambda s: s.v1.invoices.add_lines(paid(s), {"lines": [{"amount": 1}]}),
        "no longer a draft",
    ),
    "draft_is_no_subscriptions": (
        lambda s: s.v1.invoices.delete(renewal_draft(s)),
        "created by subscriptions",
    ),
    "line_has_an_amount": (
        lambda s: s.v1.invoices.add_lines(draft(s), {"lines": [{"description": "x"}]}),
        "exactly one of",
    ),
    "invoice_can_be_paid": (lambda s: s.v1.invoices.pay(paid(s)), "already paid"),
    "invoice_can_be_voided": (lambda s: s.v1.invoices.void_invoice(paid(s)), "currently paid"),
    "preview_has_lines": (preview, "No upcoming invoices"),
}


def test_every_rule_has_an_example() -> None:
    assert set(EXAMPLES) == {rule.name for rule in RULES}


def test_every_rule_names_its_page() -> None:
    assert all(rule.page.startswith("https://docs.stripe.com/") for rule in RULES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_rule_refuses_its_example(seller: Seller, name: str) -> None:
    request, words = EXAMPLES[name]

    with pytest.raises(stripe.StripeError) as refusal:
        request(seller)

    assert words in str(refusal.value)
    assert refusal.value.http_status in {400, 404, 501}


@pytest.mark.parametrize(
    "metadata",
    [{f"k{number}": "v" for number in range(51)}, {"k": "v" * 501}],
    ids=["51 keys", "501 characters"],
)
def test_metadata_limits_hold(seller: Seller, metadata: dict[str, str]) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Metadata"):
        seller.customer(metadata=metadata)


def test_metadata_at_the_limits_is_kept(seller: Seller) -> None:
    metadata = {f"{number:040d}": "v" * 500 for number in range(50)}

    customer = seller.customer(metadata=metadata)

    assert seller.v1.customers.retrieve(customer.id).metadata.to_dict() == metadata
