"""Which Stripe events we follow, and how Stripe's objects name the purchase they are about."""

import re
from collections.abc import Mapping
from typing import Any

from app.models import Proposal, Purchase

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
# To a platform: an account has taken its access back.
DEAUTHORIZED = "account.application.deauthorized"
PUBLIC_ID = re.compile(r"[0-9a-f-]{36}")
OBJECTS = frozenset({"checkout.session", "invoice", "subscription"})


def metadata_of(purchase: Purchase, proposal: Proposal) -> dict[str, str]:
    """What every Stripe object of a purchase carries, so that its events find the purchase."""
    return {
        "propale_purchase": purchase.public_id,
        "propale_proposal": proposal.public_id,
        "propale_number": proposal.number,
        "propale_deal": proposal.document["deal"]["id"],
    }


def purchase_named(about: Mapping[str, Any]) -> str | None:
    """Our purchase's public id in the object's metadata, or in the subscription's on an invoice."""
    parent = about.get("parent")
    details = parent.get("subscription_details") if isinstance(parent, Mapping) else None
    for holder in (about, details):
        metadata = holder.get("metadata") if isinstance(holder, Mapping) else None
        name = metadata.get("propale_purchase") if isinstance(metadata, Mapping) else None
        if isinstance(name, str) and PUBLIC_ID.fullmatch(name):
            return name
    return None
