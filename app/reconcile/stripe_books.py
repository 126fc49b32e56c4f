"""Stripe's lists of what carries our mark, page by page beside our purchases."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain

from sqlalchemy import func, select

from app.billing.stripe_inbox import Source
from app.clock import wall_now
from app.db import Database
from app.models import Message, Purchase
from app.providers.stripe.answers import Listed
from app.providers.stripe.billing import StripeBilling
from app.reconcile.differences import Difference, Kind
from app.reconcile.gone import Met, gone_objects
from app.reconcile.objects import compare, compare_closely, needs_closer_look
from app.reconcile.our_rows import ours_beside
from app.reconcile.repairs import ReadAgain

# What a purchase's objects may be older than its acceptance: two clocks.
MARGIN = timedelta(days=1)
# Stripe tries to collect an invoice for two months at most; after that it changes no more.
# https://docs.stripe.com/billing/revenue-recovery/smart-retries
INVOICE_LIFE = timedelta(days=62)


@dataclass(frozen=True, slots=True)
class StripeBooks:
    """One account's lists beside our rows; `last` is when they were last compared.

    `now` is business time. `told`: purchases of which an event is missing; that is said, not also
    what follows from it.
    """

    database: Database
    stripe: StripeBilling
    source: Source
    now: datetime
    last: datetime | None
    told: AbstractSet[str]

    def differences(self) -> Iterator[list[Difference]]:
        """A page of differences for each page of the lists, then what the lists lack."""
        first = self._first_acceptance()
        if first is None:
            return  # nothing in Stripe can be ours
        began, met = wall_now(), Met()
        since = first - MARGIN
        recent = max(since, self.last - INVOICE_LIFE) if self.last else since
        for kind, start in (
            ("customer", since),
            ("subscription", since),
            ("invoice", recent),
            ("checkout.session", recent),
        ):
            for page in self.stripe.list_objects(kind, start):
                yield self._compared(page, met)
        tenant_id = self.source.tenant_id
        yield from gone_objects(self.database, tenant_id, met, since=recent + MARGIN, began=began)

    def _first_acceptance(self) -> datetime | None:
        with self.database.reading(self.source.tenant_id) as session:
            return session.scalars(select(func.min(Purchase.accepted_at))).one()

    def _compared(self, page: Sequence[Listed], met: Met) -> list[Difference]:
        ours = ours_beside(self.database, self.source, page, self.now)
        ours = replace(ours, busy=ours.busy | self.told)
        met.note(page, ours)
        listed = (compare(found, ours) for found in page)
        closer = (
            compare_closely(self.stripe.retrieve_invoice(found.id), ours.purchases[found.id])
            for found in page
            if needs_closer_look(found, ours)
        )
        return self._untried([one for one in chain(listed, closer) if one])

    def _untried(self, found: Sequence[Difference]) -> list[Difference]:
        """A difference that an earlier reading did not settle is left to a person."""
        keys = {_key(one.repair): one for one in found if isinstance(one.repair, ReadAgain)}
        if not keys:
            return list(found)
        read = select(Message.dedupe_key).where(Message.dedupe_key.in_(keys))
        with self.database.reading(self.source.tenant_id) as session:
            tried = {keys[key].name for key in session.scalars(read)}
        return [
            replace(one, kind=Kind.PURCHASE_STUBBORN, repair=None) if one.name in tried else one
            for one in found
        ]


def _key(repair: ReadAgain) -> str:
    return f"{repair.tenant_id}:inbox.stripe:{repair.fact}"
