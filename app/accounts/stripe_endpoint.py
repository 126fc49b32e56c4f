"""Our webhook endpoint on a tenant's Stripe account, and the secrets its events are signed with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from app.billing.stripe_events import HANDLED
from app.clock import wall_now
from app.tokens import new_token

if TYPE_CHECKING:
    from app.providers.stripe.answers import Endpoint
    from app.providers.stripe.billing import StripeBilling

# So long Stripe repeats a delivery: https://docs.stripe.com/webhooks#behaviors
OLD_SECRET_LIFE = timedelta(days=3)
NAMES = ("endpoint_id", "webhook_secret", "old_webhook_secret", "old_until")


def place_endpoint(stripe: StripeBilling, url: str, known: Mapping[str, Any]) -> dict[str, Any]:
    """Have our endpoint on the account send; returns its part of the connection's secrets.

    The one we know stays, and its secret with it, so that a new key loses no event. `known` are
    the connection's secrets so far.
    """
    mine = find_endpoint(stripe, url, known)
    if mine is None or not mine.current:
        return renew_endpoint(stripe, url, known)
    if not mine.enabled or mine.events != HANDLED:
        stripe.enable_webhook_endpoint(mine.id, sorted(HANDLED))
    return {name: known[name] for name in NAMES if name in known}


def find_endpoint(stripe: StripeBilling, url: str, known: Mapping[str, Any]) -> Endpoint | None:
    """The endpoint whose secret we hold, if the account still has it."""
    endpoints = stripe.list_webhook_endpoints()
    return next((e for e in endpoints if (e.id, e.url) == (known.get("endpoint_id"), url)), None)


def renew_endpoint(stripe: StripeBilling, url: str, known: Mapping[str, Any]) -> dict[str, Any]:
    """Make another endpoint: Stripe tells a secret once, so one that is lost cannot be asked for.

    What the endpoint before it signed is accepted for as long as Stripe may still deliver it.
    """
    # A key for this try only: the failure of an earlier one is replayed for a day.
    key = f"webhook_endpoint:{new_token()}"
    endpoint_id, secret = stripe.create_webhook_endpoint(url, sorted(HANDLED), key)
    return {"endpoint_id": endpoint_id, "webhook_secret": secret, **retire_secret(known)}


def retire_secret(known: Mapping[str, Any]) -> dict[str, Any]:
    """The newest secret so far, which counts until Stripe has given up the last delivery."""
    until = (wall_now() + OLD_SECRET_LIFE).timestamp()
    old = known.get("webhook_secret")
    return {"old_webhook_secret": old, "old_until": until} if old else {}


def remove_doubles(stripe: StripeBilling, url: str, endpoint_id: str) -> None:
    """Delete every endpoint with our address but this one: each would deliver all events again."""
    for endpoint in stripe.list_webhook_endpoints():
        if endpoint.url == url and endpoint.id != endpoint_id:
            stripe.delete_webhook_endpoint(endpoint.id)


def take_back(stripe: StripeBilling, placed: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    """Delete the endpoint that was placed, unless it is the one that was there before."""
    if placed["endpoint_id"] != known.get("endpoint_id"):
        stripe.delete_webhook_endpoint(placed["endpoint_id"])


def accepted_secrets(secrets: Mapping[str, Any], now: float) -> tuple[str, ...]:
    """What an event may be signed with at `now` (Unix seconds), the newest first."""
    old = [secrets["old_webhook_secret"]] if secrets.get("old_until", 0) > now else []
    return tuple(filter(None, [secrets.get("webhook_secret"), *old]))
