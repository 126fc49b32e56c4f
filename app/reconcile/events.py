"""Stripe's events that no webhook brought us."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import or_, select

from app.billing.stripe_events import HANDLED, purchase_named
from app.billing.stripe_inbox import Source, event_key, object_of
from app.db import Database
from app.models import Message, Purchase
from app.providers.stripe.billing import StripeBilling
from app.reconcile.differences import Difference, Kind
from app.reconcile.objects import is_old_method
from app.reconcile.repairs import StoreEvent

Event = Mapping[str, Any]


def missed_events(
    database: Database, stripe: StripeBilling, source: Source, since: datetime, now: datetime
) -> Iterator[list[Difference]]:
    """A page of differences for each page of events that Stripe could not deliver.

    An event may count as undelivered and be with us all the same, when our answer was lost. One
    that would charge an old method (`is_old_method`) is left to the list of Stripe's pages.
    """
    for page in stripe.undelivered_events(sorted(HANDLED), since):
        taken = [event for event in page if not _charges_old_method(event, now)]
        missing = _not_stored(database, source, taken)
        yield [_missed(source, event) for event in _about_ours(database, source, missing)]


def _charges_old_method(event: Event, now: datetime) -> bool:
    about = object_of(event)
    page = about.get("object") == "checkout.session"
    return page and is_old_method(datetime.fromtimestamp(about["created"], UTC), now)


def _not_stored(database: Database, source: Source, page: Sequence[Event]) -> list[Event]:
    keys = {event_key(source, event["id"]): event for event in page}
    known = select(Message.dedupe_key).where(Message.dedupe_key.in_(keys))
    with database.reading(source.tenant_id) as session:
        stored = set(session.scalars(known))
    return [event for key, event in keys.items() if key not in stored]


def _about_ours(database: Database, source: Source, events: Sequence[Event]) -> list[Event]:
    """Those of our purchases: the seller has other business in the same account."""
    ids = [object_of(event).get("id") for event in events]
    names = [purchase_named(object_of(event)) for event in events]
    ours = or_(
        Purchase.public_id.in_([name for name in names if name]),
        Purchase.stripe_invoice_id.in_(ids),
        Purchase.stripe_subscription_id.in_(ids),
        Purchase.stripe_session_id.in_(ids),
    )
    columns = (
        Purchase.public_id,
        Purchase.stripe_invoice_id,
        Purchase.stripe_subscription_id,
        Purchase.stripe_session_id,
    )
    if not events:
        return []
    with database.reading(source.tenant_id) as session:
        known = {value for row in session.execute(select(*columns).where(ours)) for value in row}
    return [
        event
        for event, name, about in zip(events, names, ids, strict=True)
        if name in known - {None} or about in known
    ]


def _missed(source: Source, event: Event) -> Difference:
    values = {"type": event["type"], "object": object_of(event)["id"]}
    return Difference(Kind.MISSED_WEBHOOK, event["id"], values, StoreEvent(source, event))
