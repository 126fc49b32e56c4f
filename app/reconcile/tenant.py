"""Reconciles one tenant: its books with Stripe's and HubSpot's, one page in memory at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.accounts.clients import stripe_client
from app.accounts.connections import find_connection
from app.clock import wall_now
from app.errors import ProviderError
from app.models import Connection, Message
from app.reconcile.deals import differing_deals
from app.reconcile.differences import Difference, Kind
from app.reconcile.events import missed_events
from app.reconcile.repairs import StoreEvent
from app.reconcile.stripe_books import StripeBooks
from app.reconcile.unsent import unsent_messages
from app.runtime import Runtime
from app.stripe_inbox import Source

# https://docs.stripe.com/api/events: they can be listed for 30 days.
EVENTS_KEPT = timedelta(days=30)
LISTED_LATE = timedelta(hours=1)

Pages = Iterator[list[Difference]]
Looked = Callable[[str, int], None]


def unseen(_book: str, _pages: int) -> None:
    """Nobody watches the progress."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference, and whether this run has repaired it."""

    difference: Difference
    repaired: bool


def reconcile_tenant(
    runtime: Runtime, tenant_id: int, *, repair: bool, looked: Looked = unseen
) -> Iterator[Finding]:
    """Each difference as it is found; with `repair` what is safe to repair is repaired at once.

    Without `repair` nothing is written. `looked` hears after each page which book is being read and
    how many pages of it were. A vendor that refuses us is a difference itself; the other's book is
    read all the same.
    """
    with runtime.database.reading(tenant_id) as session:
        stripe = find_connection(session, "stripe")
        hubspot = find_connection(session, "hubspot")
    books = [("messages", unsent_messages(runtime.database, tenant_id, wall_now()))]
    if stripe and stripe.sealed:
        books.append(("stripe", _stripe_pages(runtime, stripe)))
    if hubspot and hubspot.sealed:
        books.append(("hubspot", differing_deals(runtime, tenant_id)))
    for book, pages in books:
        for difference in _all(book, pages, looked):
            if repair and difference.repair:
                difference.repair.make(runtime.database)
            yield Finding(difference, repaired=repair and difference.repair is not None)


def _all(book: str, pages: Pages, looked: Looked) -> Iterator[Difference]:
    try:
        for number, page in enumerate(pages, 1):
            looked(book, number)
            yield from page
    except ProviderError as error:
        yield Difference(Kind.UNREAD, book, error=error)


def _stripe_pages(runtime: Runtime, connection: Connection) -> Pages:
    tenant_id = connection.tenant_id
    stripe = stripe_client(runtime, tenant_id)
    source = Source(tenant_id, connection.public_id, connection.account_id, connection.livemode)
    last = _last_reconciled(runtime, tenant_id)
    kept = runtime.clock.now() - EVENTS_KEPT
    since = max(kept, last - LISTED_LATE) if last else kept
    told: set[str] = set()
    for page in missed_events(runtime.database, stripe, source, since):
        told |= {one.repair.purchase for one in page if isinstance(one.repair, StoreEvent)}
        yield page
    yield from StripeBooks(runtime.database, stripe, source, last, told).differences()


def _last_reconciled(runtime: Runtime, tenant_id: int) -> datetime | None:
    """The business time of the last nightly reconciliation that came to its end."""
    nightly = select(Message.payload).where(
        Message.kind == "stripe.reconcile", Message.status == "done"
    )
    with runtime.database.reading(tenant_id) as session:
        payload = session.scalars(nightly.order_by(Message.id.desc()).limit(1)).first()
    return datetime.fromisoformat(payload["at"]) if payload else None
