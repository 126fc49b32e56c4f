"""What our rows say of one page of Stripe's objects."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import load_only

from app.billing.purchases import subject_of
from app.billing.stripe_events import PUBLIC_ID
from app.billing.stripe_inbox import Source
from app.claims.lanes import is_open
from app.db import EVERY_TENANT, Database, ScopedSession
from app.models import Message, PaidInvoice, Purchase, StripeMirror, Tenant
from app.providers.stripe.answers import Listed
from app.reconcile.objects import Ours

# What `app.reconcile.objects` looks at; a page has a hundred of them.
COMPARED = (
    Purchase.tenant_id,
    Purchase.public_id,
    Purchase.status,
    Purchase.billed_pages,
    Purchase.stripe_session_id,
    Purchase.stripe_subscription_id,
    Purchase.stripe_invoice_id,
    Purchase.newest_invoice_at,
    Purchase.first_paid_at,
)


def ours_beside(database: Database, source: Source, page: Sequence[Listed], now: datetime) -> Ours:
    """Read once for the whole page, which is of one kind."""
    ours = Ours(source.livemode, now, {})
    with database.reading(source.tenant_id) as session:
        if page and page[0].kind == "customer":
            return replace(ours, customers=_customers(session, source, page))
        purchases = _purchases(session, page)
        known = {row.public_id for row in purchases.values()}
        ours = replace(
            ours, purchases=purchases, busy=_busy(session, known), paid=_paid(session, page)
        )
    return replace(ours, elsewhere=_elsewhere(database, _names(page) - known))


def _names(page: Sequence[Listed]) -> set[str]:
    """The purchases that the objects name."""
    marks = {found.metadata.get("propale_purchase", "") for found in page}
    return {name for name in marks if PUBLIC_ID.fullmatch(name)}


def _purchases(session: ScopedSession, page: Sequence[Listed]) -> dict[str, Purchase]:
    """Our purchase of each object, found by the mark on it, else by its id."""
    marked = _named(session, Purchase.public_id.in_(_names(page)))
    found = {one.id: marked.get(one.metadata.get("propale_purchase")) for one in page}
    # In books that are in step the marks find all, and that is a third of the question.
    ids = [object_id for object_id, row in found.items() if row is None]
    by_id = or_(Purchase.stripe_subscription_id.in_(ids), Purchase.stripe_invoice_id.in_(ids))
    named = _named(session, by_id) if ids else {}
    rows = {object_id: row or named.get(object_id) for object_id, row in found.items()}
    return {object_id: row for object_id, row in rows.items() if row}


def _named(session: ScopedSession, which: ColumnElement[bool]) -> dict[str | None, Purchase]:
    """Each purchase by our name and by Stripe's ids of its objects."""
    rows = session.scalars(select(Purchase).where(which).options(load_only(*COMPARED)))
    return {
        name: row
        for row in rows
        for name in (row.public_id, row.stripe_subscription_id, row.stripe_invoice_id)
    }


def _busy(session: ScopedSession, names: set[str]) -> frozenset[str]:
    subjects = {subject_of(name): name for name in names}
    open_now = select(Message.subject).where(is_open(Message), Message.subject.in_(subjects))
    return frozenset(subjects[subject] for subject in session.scalars(open_now) if subject)


def _paid(session: ScopedSession, page: Sequence[Listed]) -> frozenset[str]:
    ids = [found.id for found in page if found.status == "paid"]
    known = select(PaidInvoice.stripe_invoice_id).where(PaidInvoice.stripe_invoice_id.in_(ids))
    return frozenset(session.scalars(known))


def _customers(session: ScopedSession, source: Source, page: Sequence[Listed]) -> dict[str, str]:
    """The customer we use for each of our buyers on the page, by the buyer's mark."""
    start = f"{session.get_one(Tenant, source.tenant_id).hub_id}:"
    marks = {found.metadata.get("propale_buyer", "") for found in page}
    keys = [mark.removeprefix(start) for mark in marks if mark.startswith(start)]
    mirrors = select(StripeMirror.our_key, StripeMirror.object_id).where(
        StripeMirror.kind == "customer",
        StripeMirror.stripe_account_id == source.account_id,
        StripeMirror.our_key.in_(keys),
    )
    return {f"{start}{key}": stripe_id for key, stripe_id in session.execute(mirrors)}


def _elsewhere(database: Database, names: set[str]) -> frozenset[str]:
    """Which of these are of another HubSpot account that uses the same Stripe account."""
    if not names:
        return frozenset()
    known = select(Purchase.public_id).where(Purchase.public_id.in_(names))
    with database.reading(EVERY_TENANT) as session:
        return frozenset(session.scalars(known))
