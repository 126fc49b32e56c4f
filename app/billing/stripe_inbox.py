"""Stripe's events into messages, each once, whether Stripe sent it or we fetched it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.billing.purchases import subject_of
from app.billing.stripe_events import DEAUTHORIZED, HANDLED, OBJECTS, purchase_named
from app.db import Database
from app.inbox import store_webhook
from app.metrics.counts import webhooks
from app.redaction import HIDDEN

_RETURN_LINK = re.compile(r"/r/[\w-]{43}")  # as `app.tokens` makes them

_NEW, _DUPLICATE, _IGNORED = (
    webhooks.labels("stripe", outcome) for outcome in ("new", "duplicate", "ignored")
)


@dataclass(frozen=True, slots=True)
class Source:
    """Whose events come in: a tenant's connection to one Stripe account, in one mode.

    `disconnected`: the account has taken our platform's access back.
    """

    tenant_id: int
    public_id: str
    account_id: str
    livemode: bool
    disconnected: bool = False


def event_key(source: Source, event_id: str) -> str:
    """The deduplication key: one message for an event, however often and by whichever way."""
    return f"stripe:{source.public_id}:{event_id}"


def store_event(database: Database, source: Source, event: Mapping[str, Any], text: str) -> bool:
    """Store an event once, `text` as it came but for our own links, and say if that made work.

    It does not if the event is there already, or is kept as *ignored*, with the reason.
    """
    about = object_of(event)
    purchase = purchase_named(about)
    reason = _ignorable(source, event, about)
    new = store_webhook(
        database,
        tenant_id=source.tenant_id,
        kind="inbox.stripe",
        dedupe_key=event_key(source, event["id"]),
        subject=subject_of(purchase) if purchase else None,
        event_json=_without_links(text),
        ignored=reason,
    )
    (_IGNORED if new and reason else _NEW if new else _DUPLICATE).inc()
    return new and reason is None


def _without_links(text: str) -> str:
    """Stripe repeats where to return to, which opens our page: not to be kept in the clear."""
    if "/r/" not in text:  # found out in a fraction of the pattern's time
        return text
    return _RETURN_LINK.sub(f"/r/{HIDDEN}", text)


def object_of(event: Mapping[str, Any]) -> dict[str, Any]:
    """The object the event is about; some have none that has an id."""
    data = event.get("data")
    about = data.get("object") if isinstance(data, dict) else None
    return about if isinstance(about, dict) and isinstance(about.get("id"), str) else {}


def _ignorable(source: Source, event: Mapping[str, Any], about: Mapping[str, Any]) -> str | None:
    """Why nothing will follow from the event, or None."""
    if event.get("livemode") is not source.livemode:
        return "wrong mode: test and live do not mix"
    if event.get("account") not in (None, source.account_id):
        return "an event of another account"
    if source.disconnected:
        return "the account was disconnected"
    if event["type"] == DEAUTHORIZED:
        return None
    if event["type"] not in HANDLED or about.get("object") not in OBJECTS:
        return f"event type {event['type']} is not handled"
    return None
