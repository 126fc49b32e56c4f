"""What a deal's `propale_*` properties say, made from our rows; many deals cost as many queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import defer, load_only

from app.billing.ladder import shown_outside
from app.db import Base, ScopedSession
from app.models import Deal, DealProblem, PaidInvoice, Proposal, ProposalRequest, Purchase
from app.money import Money, to_major
from app.proposals.lifecycle import UNSENT, shown_in_crm
from app.proposals.problems import NOT_FOR_CRM

Row = TypeVar("Row", bound=Base)
# What the properties are made from: of many deals no more is read.
OF_REQUEST = (ProposalRequest.deal_id, ProposalRequest.status, ProposalRequest.refusal)
OF_PROPOSAL = (
    Proposal.deal_id,
    Proposal.public_id,
    Proposal.number,
    Proposal.status,
    Proposal.currency,
    Proposal.due_now_minor,
    Proposal.recurring_minor,
    Proposal.interval,
    Proposal.sent_at,
)
OF_PURCHASE = (
    Purchase.proposal_id,
    Purchase.status,
    Purchase.problem,
    Purchase.accepted_at,
    Purchase.stripe_customer_id,
    Purchase.stripe_subscription_id,
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A deal with the rows that its properties are made from."""

    deal: Deal
    request: ProposalRequest | None
    proposal: Proposal | None
    purchase: Purchase | None
    last_invoice: PaidInvoice | None
    problem: DealProblem | None


def deal_properties(session: ScopedSession, deal: Deal, public_url: str) -> dict[str, str]:
    """All `propale_*` values as they stand now; empty text clears a property."""
    return properties_of_deals(session, [deal], public_url)[deal.id]


def properties_of_deals(
    session: ScopedSession, deals: Sequence[Deal], public_url: str
) -> dict[int, dict[str, str]]:
    """The same for many deals, by our id, in five queries."""
    return {one.deal.id: _properties(one, public_url) for one in _shown(session, deals)}


def _shown(session: ScopedSession, deals: Sequence[Deal]) -> list[Shown]:
    ids = [deal.id for deal in deals]
    sent = (Proposal.deal_id.in_(ids), Proposal.status.not_in(UNSENT))
    clicked = _newest(ProposalRequest, ProposalRequest.deal_id.in_(ids))
    clicks = _by(session, clicked.options(load_only(*OF_REQUEST)), "deal_id")
    newest = _newest(Proposal, *sent).options(load_only(*OF_PROPOSAL))
    proposals = _by(session, newest, "deal_id")
    undone = (DealProblem.deal_id.in_(ids), DealProblem.kind != NOT_FOR_CRM)
    problems = _by(session, _newest(DealProblem, *undone), "deal_id")
    bought = Purchase.proposal_id.in_([proposal.id for proposal in proposals.values()])
    bought_rows = select(Purchase).where(bought).options(load_only(*OF_PURCHASE))
    purchases = _by(session, bought_rows, "proposal_id")
    paid = _last_paid([purchase.id for purchase in purchases.values()])
    invoices = _by(session, paid, "purchase_id")
    shown = []
    for deal in deals:
        proposal = proposals.get(deal.id)
        purchase = purchases.get(proposal.id) if proposal else None
        invoice = invoices.get(purchase.id) if purchase else None
        problem = problems.get(deal.id)
        shown.append(Shown(deal, clicks.get(deal.id), proposal, purchase, invoice, problem))
    return shown


def _by(session: ScopedSession, wanted: Select[Row], parent: str) -> dict[int, Row]:
    return {getattr(row, parent): row for row in session.scalars(wanted)}


def _newest(table: Any, *conditions: ColumnElement[bool]) -> Select[Any]:
    """The row with the highest id of each deal."""
    newest = select(func.max(table.id)).where(*conditions).group_by(table.deal_id)
    return select(table).where(table.id.in_(newest))


def _last_paid(purchase_ids: Sequence[int]) -> Select[PaidInvoice]:
    """The invoice of each purchase that was paid last."""
    newest = (PaidInvoice.paid_at.desc(), PaidInvoice.id.desc())
    place = func.row_number().over(partition_by=PaidInvoice.purchase_id, order_by=newest)
    placed = select(PaidInvoice.id, place.label("place"))
    ranked = placed.where(PaidInvoice.purchase_id.in_(purchase_ids)).subquery()
    rows = select(PaidInvoice).join(ranked, ranked.c.id == PaidInvoice.id)
    return rows.where(ranked.c.place == 1).options(defer(PaidInvoice.content))


def _properties(shown: Shown, public_url: str) -> dict[str, str]:
    if shown.proposal is None:
        return {"propale_status": shown_in_crm(None), "propale_problem": _problem(shown)}
    return {
        **_of_proposal(shown.proposal, public_url),
        **_of_purchase(shown.purchase, shown.last_invoice),
        "propale_problem": _problem(shown),
    }


def _of_proposal(proposal: Proposal, public_url: str) -> dict[str, str]:
    recurring = Money(proposal.recurring_minor, proposal.currency)
    return {
        "propale_status": shown_in_crm(proposal.status),
        "propale_number": proposal.number,
        "propale_link": f"{public_url}/d/{proposal.public_id}",
        "propale_sent_at": _instant(proposal.sent_at),
        "propale_amount_due_now": _figure(Money(proposal.due_now_minor, proposal.currency)),
        "propale_recurring_amount": _figure(recurring) if proposal.interval else "",
    }


def _of_purchase(purchase: Purchase | None, last: PaidInvoice | None) -> dict[str, str]:
    return {
        "propale_payment_status": shown_outside(purchase.status) if purchase else "",
        "propale_accepted_at": _instant(purchase.accepted_at if purchase else None),
        "propale_stripe_customer": purchase.stripe_customer_id if purchase else "",
        "propale_stripe_subscription": (purchase.stripe_subscription_id or "") if purchase else "",
        "propale_last_invoice": last.number if last else "",
    }


def _problem(shown: Shown) -> str:
    request = shown.request
    problems = (
        shown.deal.stage_problem,
        shown.purchase.problem if shown.purchase else "",
        shown.problem.words if shown.problem else "",
        request.refusal if request and request.status == "refused" else "",
    )
    return next(filter(None, problems), "")


def _instant(moment: datetime | None) -> str:
    """HubSpot takes instants as milliseconds since 1970, in text."""
    return str(int(moment.timestamp() * 1000)) if moment else ""


def _figure(money: Money) -> str:
    return f"{to_major(money):f}"
