"""What is paid with which kind of method: at Stripe's own page the customer may take another."""

from dataclasses import replace

from app.models import Purchase
from app.providers.stripe.answers import InvoiceState, SubscriptionState
from app.providers.stripe.billing import StripeBilling


def with_kind(stripe: StripeBilling, purchase: Purchase, invoice: InvoiceState) -> InvoiceState:
    """The invoice with the kind of method that paid it, read if it is not the one we know."""
    if not invoice.holds_money:
        return invoice
    kind = _other_kind(stripe, purchase, invoice.tried_method_id)
    return replace(invoice, tried_method_kind=kind)


def with_renewals_kind(
    stripe: StripeBilling, purchase: Purchase, subscription: SubscriptionState
) -> SubscriptionState:
    """The subscription with the kind of its renewals' method, likewise."""
    kind = _other_kind(stripe, purchase, subscription.method_id)
    return replace(subscription, method_kind=kind)


def _other_kind(stripe: StripeBilling, purchase: Purchase, method_id: str | None) -> str | None:
    """None for the method entered on our own page, whose kind the customer chose there."""
    known = purchase.stripe_payment_method_id
    if not known or not method_id or method_id == known:
        return None
    return stripe.find_method_kind(method_id)
