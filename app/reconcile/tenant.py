"""Reconciles one tenant: its books with Stripe's and HubSpot's, one page in memory at a time."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.accounts.check_stripe import endpoint_state
from app.accounts.clients import stripe_client
from app.accounts.connections import find_connection
from app.billing.stripe_inbox import Source
from app.clock import wall_now
from app.errors import ProviderError
from app.models import Connection, Tenant
from app.reasons import VENDORS, reason_of
from app.reconcile.deals import differing_deals
from app.reconcile.differences import Difference, Kind
from app.reconcile.events import missed_events
from app.reconcile.repairs import StoreEvent
from app.reconcile.stripe_books import StripeBooks
from app.reconcile.unsent import unsent_messages
from app.runtime import Runtime

# https://docs.stripe.com/api/events: they can be listed for 30 days.
EVENTS_KEPT = timedelta(days=30)
LISTED_LATE = timedelta(hours=1)
BOOKS = ("messages", "stripe", "hubspot")

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
    runtime: Runtime,
    tenant_id: int,
    *,
    repair: bool,
    books: Collection[str] = BOOKS,
    looked: Looked = unseen,
) -> Iterator[Finding]:
    """Each difference as it is found; with `repair` what is safe to repair is repaired at once.

    Without `repair` nothing is written. `looked` hears after each page which book is being read and
    how many pages of it were. A vendor that refuses us is a difference itself; the other's book is
    read all the same.
    """
    for book in books:
        for difference in _all(book, _pages(runtime, tenant_id, book), looked):
            if repair and difference.repair:
                difference.repair.make(runtime.database)
            yield Finding(difference, repaired=repair and difference.repair is not None)


def _pages(runtime: Runtime, tenant_id: int, book: str) -> Pages:
    """The pages of one book; none of a vendor that was never connected."""
    if book == "messages":
        return unsent_messages(runtime.database, tenant_id, wall_now())
    with runtime.database.reading(tenant_id) as session:
        connection = find_connection(session, book)
        last = session.get_one(Tenant, tenant_id).reconciled_at
    if connection is None or not connection.sealed:
        return iter(())
    if book == "hubspot":
        return differing_deals(runtime, tenant_id)
    return _stripe_pages(runtime, connection, last)


def _all(book: str, pages: Pages, looked: Looked) -> Iterator[Difference]:
    try:
        for number, page in enumerate(pages, 1):
            looked(book, number)
            yield from page
    except ProviderError as error:
        yield _unread(book, error)


def _unread(book: str, error: ProviderError) -> Difference:
    """A key that may not read lists still bills: that is said, and is no reason to reconnect."""
    if error.code == "missing_permission":
        return Difference(Kind.PERMISSION_MISSING, VENDORS[book], {"permission": error.detail})
    return Difference(Kind.UNREAD, book, reason=reason_of(error), error=error)


def _silence(state: str) -> list[Difference]:
    """Whether Stripe has stopped sending us this account's events."""
    silent = state in ("disabled", "gone")
    return [Difference(Kind(f"endpoint_{state}"), "webhooks")] if silent else []


def _stripe_pages(runtime: Runtime, connection: Connection, last: datetime | None) -> Pages:
    tenant_id = connection.tenant_id
    stripe = stripe_client(runtime, tenant_id)
    source = Source(tenant_id, connection.public_id, connection.account_id, connection.livemode)
    now = runtime.clock.now()
    kept = now - EVENTS_KEPT
    since = max(kept, last - LISTED_LATE) if last else kept
    told: set[str] = set()
    for page in missed_events(runtime.database, stripe, source, since, now):
        told |= {one.repair.purchase for one in page if isinstance(one.repair, StoreEvent)}
        yield page
    yield from StripeBooks(runtime.database, stripe, source, now, last, told).differences()
    yield _silence(endpoint_state(runtime, connection, stripe))
