"""Finds the rows that belong to a link."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.accounts.preferences.chosen import chosen_zone
from app.billing.purchases import find_by_return_token
from app.db import EVERY_TENANT, ScopedSession
from app.models import PaidInvoice, Proposal, Purchase
from app.proposals.flow import join_flow
from app.proposals.lifecycle import UNSENT
from app.proposals.projection import purchase_of
from app.runtime import Runtime
from app.tokens import token_hash
from app.trail import note

MOST_INVOICES = 12


@dataclass(frozen=True, slots=True)
class Visit:
    """A proposal, its money if it was accepted, and the business time of the visit.

    `at` is the path of the link that was opened: forms and reloads lead back there, and nonces
    are bound to `link_hash`.
    """

    proposal: Proposal
    purchase: Purchase | None
    paid: tuple[PaidInvoice, ...]
    now: datetime
    zone: ZoneInfo
    at: str
    link_hash: str

    @property
    def language(self) -> str:
        return self.proposal.language

    @property
    def still_valid(self) -> bool:
        until = self.proposal.valid_until
        return until is not None and self.now <= until


def find_visit(runtime: Runtime, token: str) -> Visit | None:
    """The visit by the link in the customer's mail; None if the link is unknown."""
    with runtime.database.reading(EVERY_TENANT) as session:
        link = select(Proposal).where(
            Proposal.token_hash == token_hash(token), Proposal.status.not_in(UNSENT)
        )
        found = session.scalars(link).first()
    if found is None:
        return None
    return visit_proposal(runtime, found.tenant_id, found.id, f"/p/{token}", token_hash(token))


def find_return(runtime: Runtime, return_token: str) -> Visit | None:
    """The visit of a browser that comes back from Stripe's page."""
    with runtime.database.reading(EVERY_TENANT) as session:
        purchase = find_by_return_token(session, return_token)
    if purchase is None:
        return None
    at = f"/r/{return_token}"
    link_hash = purchase.return_token_hash
    return visit_proposal(runtime, purchase.tenant_id, purchase.proposal_id, at, link_hash)


def visit_proposal(
    runtime: Runtime, tenant_id: int, proposal_id: int, at: str, link_hash: str
) -> Visit:
    """Read the rows of a known proposal in its tenant's own session."""
    now = runtime.clock.now()
    note(tenant=tenant_id)
    with runtime.database.reading(tenant_id) as session:
        proposal = session.get_one(Proposal, proposal_id)
        join_flow(session, proposal_id)
        zone = chosen_zone(session)
        purchase = purchase_of(session, proposal)
        paid = paid_invoices(session, purchase) if purchase else ()
        return Visit(proposal, purchase, paid, now, zone, at, link_hash)


def paid_invoices(session: ScopedSession, purchase: Purchase) -> tuple[PaidInvoice, ...]:
    """The newest paid invoices of a purchase, a year of months at most."""
    newest = (PaidInvoice.paid_at.desc(), PaidInvoice.id.desc())
    mine = select(PaidInvoice).where(PaidInvoice.purchase_id == purchase.id)
    return tuple(session.scalars(mine.order_by(*newest).limit(MOST_INVOICES)))
