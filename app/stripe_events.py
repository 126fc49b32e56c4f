"""Which Stripe events we follow, and how one names the purchase it is about."""

from collections.abc import Mapping
from typing import Any

# https://docs.stripe.com/api/events/types
HANDLED = frozenset(
    {
        "checkout.session.completed",
        "invoice.paid",
        "invoice.payment_failed",
        "invoice.payment_action_required",
        "invoice.updated",
        "invoice.voided",
        "customer.subscription.updated",
        "customer.subscription.deleted",
    }
)
OBJECTS = frozenset({"checkout.session", "invoice", "subscription"})


def purchase_number(about: Mapping[str, Any]) -> int | None:
    """Our purchase in the object's metadata, or in its subscription's as kept on the invoice."""
    parent = about.get("parent")
    details = parent.get("subscription_details") if isinstance(parent, Mapping) else None
    for holder in (about, details):
        metadata = holder.get("metadata") if isinstance(holder, Mapping) else None
        number = metadata.get("propale_purchase") if isinstance(metadata, Mapping) else None
        if isinstance(number, str) and number.isdecimal() and len(number) < 16:  # noqa: PLR2004
            return int(number)
    return None
