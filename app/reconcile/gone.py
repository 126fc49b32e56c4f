"""Purchases whose object in our books stood in none of Stripe's lists."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import load_only

from app.billing.ladder import MoneyStatus
from app.billing.purchases import subject_of
from app.claims.lanes import is_open
from app.db import Database
from app.models import Message, Proposal, Purchase
from app.providers.stripe.answers import Listed
from app.reconcile.differences import Difference, Kind
from app.reconcile.objects import Ours
from app.reconcile.seen import Seen

PAGE = 100
COMPARED = (
    Purchase.public_id,
    Purchase.proposal_id,
    Purchase.stripe_subscription_id,
    Purchase.stripe_invoice_id,
)
OVER = (MoneyStatus.CANCELLED, MoneyStatus.REFUNDED)


@dataclass(frozen=True, slots=True)
class Met:
    """The purchases whose subscription or invoice stood in a list."""

    subscriptions: Seen = field(default_factory=Seen)
    invoices: Seen = field(default_factory=Seen)

    def note(self, page: Sequence[Listed], ours: Ours) -> None:
        for found in page:
            purchase = ours.purchases.get(found.id)
            if purchase and purchase.stripe_subscription_id == found.id:
                self.subscriptions.add(purchase.id)
            if purchase and purchase.stripe_invoice_id == found.id:
                self.invoices.add(purchase.id)

    def __contains__(self, purchase: Purchase) -> bool:
        of_its_kind = self.subscriptions if purchase.stripe_subscription_id else self.invoices
        return purchase.id in of_its_kind


def gone_objects(
    database: Database, tenant_id: int, met: Met, *, since: datetime, began: datetime
) -> Iterator[list[Difference]]:
    """Of purchases accepted `since`. `began`: the wall time at which the lists were begun."""
    last = 0
    while page := _with_objects(database, tenant_id, last, since):
        missing = [purchase for purchase in page if purchase not in met]
        yield _really_gone(database, tenant_id, missing, began) if missing else []
        last = page[-1].id


def _with_objects(
    database: Database, tenant_id: int, last: int, since: datetime
) -> Sequence[Purchase]:
    has_object = or_(
        Purchase.stripe_subscription_id.is_not(None), Purchase.stripe_invoice_id.is_not(None)
    )
    living = (Purchase.accepted_at >= since, Purchase.status.not_in(OVER))
    page = select(Purchase).where(Purchase.id > last, has_object, *living).order_by(Purchase.id)
    page = page.options(load_only(*COMPARED))  # most are in step: no more of them is read
    with database.reading(tenant_id) as session:
        return session.scalars(page.limit(PAGE)).all()


def _really_gone(
    database: Database, tenant_id: int, rows: Sequence[Purchase], began: datetime
) -> list[Difference]:
    """Without those whose object may have been made after its list was read."""
    subjects = {subject_of(row.public_id): row for row in rows}
    moved = or_(is_open(Message), Message.finished_at >= began)
    moving = select(Message.subject).where(Message.subject.in_(subjects), moved)
    numbered = select(Proposal).where(Proposal.id.in_([row.proposal_id for row in rows]))
    with database.reading(tenant_id) as session:
        since_then = set(session.scalars(moving))
        numbers = {row.id: row.number for row in session.scalars(numbered)}
    return [
        _gone(row, numbers[row.proposal_id])
        for subject, row in subjects.items()
        if subject not in since_then
    ]


def _gone(purchase: Purchase, number: str) -> Difference:
    object_id = purchase.stripe_subscription_id or purchase.stripe_invoice_id or ""
    return Difference(Kind.OBJECT_GONE, object_id, {"number": number})
