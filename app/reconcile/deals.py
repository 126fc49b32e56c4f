"""Deals that do not show in HubSpot what our rows say."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import defer

from app.accounts.clients import ask_hubspot
from app.claims.lanes import OPEN
from app.db import ScopedSession
from app.models import Deal, Message
from app.proposals.crm_properties import properties_of_deals
from app.reconcile.differences import Difference, Kind
from app.reconcile.repairs import PushDeal
from app.runtime import Runtime

PAGE = 100


@dataclass(frozen=True, slots=True)
class OurDeal:
    """A deal as we know it; `push` is the message that writes its newest revision, if any."""

    tenant_id: int
    id: int
    hubspot_deal_id: str
    revision: int
    pushed_revision: int
    wanted: Mapping[str, str]
    push: Message | None = None

    @property
    def behind(self) -> bool:
        return self.pushed_revision < self.revision


def differing_deals(runtime: Runtime, tenant_id: int) -> Iterator[list[Difference]]:
    """A page of differences for each page of our deals."""
    last = 0
    while deals := _next_page(runtime, tenant_id, last):
        found = _read(runtime, tenant_id, {deal.hubspot_deal_id: deal.wanted for deal in deals})
        suspects = [d for d in deals if d.behind or d.hubspot_deal_id in found]
        still = _unchanged(runtime, tenant_id, suspects)
        yield list(filter(None, (compare(d, found.get(d.hubspot_deal_id, {})) for d in still)))
        last = deals[-1].id


def compare(deal: OurDeal, found: Mapping[str, str] | None) -> Difference | None:
    """`found` holds the properties that differ, None for a deal that HubSpot does not have."""
    if deal.push and deal.push.status in OPEN:
        return None  # on its way
    values = {"properties": ", ".join(sorted(found or ()))}
    if found is None:
        # A deal deleted after everything was shown needs nothing any more.
        return Difference(Kind.DEAL_GONE, deal.hubspot_deal_id) if deal.behind else None
    if not found and not deal.behind:
        return None
    digest = _digest(found)
    if deal.push and deal.push.payload.get("found") == digest:
        return Difference(Kind.DEAL_STUBBORN, deal.hubspot_deal_id, values)
    return Difference(
        Kind.DEAL_BEHIND, deal.hubspot_deal_id, values, PushDeal(deal.tenant_id, deal.id, digest)
    )


def _next_page(runtime: Runtime, tenant_id: int, last: int) -> list[OurDeal]:
    shown = select(Deal).where(Deal.id > last, Deal.revision > 0).options(defer(Deal.snapshot))
    with runtime.database.reading(tenant_id) as session:
        rows = session.scalars(shown.order_by(Deal.id).limit(PAGE)).all()
        wanted = properties_of_deals(session, rows, runtime.settings.public_url)
    return [_ours(row, wanted[row.id]) for row in rows]


def _read(
    runtime: Runtime, tenant_id: int, wanted: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str] | None]:
    return ask_hubspot(runtime, tenant_id, lambda crm: crm.differing_deals(wanted))


def _unchanged(runtime: Runtime, tenant_id: int, deals: Sequence[OurDeal]) -> list[OurDeal]:
    """Those that nothing has changed or written since they were compared, with their push."""
    if not deals:
        return []
    with runtime.database.reading(tenant_id) as session:
        rows = session.scalars(select(Deal).where(Deal.id.in_([deal.id for deal in deals])))
        now = {row.id: row for row in rows}
        pushes = _pushes(session, deals)
    return [
        _ours(now[deal.id], deal.wanted, pushes.get(deal.id))
        for deal in deals
        if (now[deal.id].revision, now[deal.id].pushed_revision)
        == (deal.revision, deal.pushed_revision)
    ]


def _pushes(session: ScopedSession, deals: Sequence[OurDeal]) -> dict[int, Message]:
    keys = {f"{session.scope}:hubspot.sync_deal:{d.id}:{d.revision}": d.id for d in deals}
    rows = session.scalars(select(Message).where(Message.dedupe_key.in_(keys)))
    return {keys[row.dedupe_key]: row for row in rows}


def _ours(row: Deal, wanted: Mapping[str, str], push: Message | None = None) -> OurDeal:
    return OurDeal(
        row.tenant_id, row.id, row.hubspot_deal_id, row.revision, row.pushed_revision, wanted, push
    )


def _digest(found: Mapping[str, str]) -> str:
    return hashlib.sha256(repr(sorted(found.items())).encode()).hexdigest()[:16]
