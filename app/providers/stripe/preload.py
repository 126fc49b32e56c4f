"""Loads what the SDK would load at the first call of each kind: no job waits for an import."""

from operator import attrgetter

import stripe

_SERVICES = (
    "accounts", "checkout.sessions", "customers", "invoices.line_items",
    "payment_method_configurations", "products", "subscriptions", "tax_rates",
    "webhook_endpoints",
)  # fmt: skip
# Every object that may stand in an answer of ours, expanded or not.
_KINDS = (
    "account", "application", "billing_portal.configuration", "charge", "checkout.session",
    "coupon", "customer", "discount", "invoice", "invoice_payment", "line_item", "list", "mandate",
    "payment_intent", "payment_method", "payment_method_configuration", "plan", "price", "product",
    "promotion_code", "setup_attempt", "setup_intent", "subscription", "subscription_item",
    "tax_id", "tax_rate", "webhook_endpoint",
)  # fmt: skip


def preload() -> None:
    """Touch services and classes; nothing is called."""
    client = stripe.StripeClient("rk_test_nobody")
    for service in _SERVICES:
        attrgetter(service)(client.v1)
    for kind in _KINDS:
        stripe.StripeObject.construct_from({"object": "list", "data": [{"object": kind}]}, None)
