"""What the CRM shows of a deal: the full current state is written, not the change."""

from datetime import datetime

from sqlalchemy import select, update

from app import messages
from app.billing.ladder import shown_outside
from app.db import ScopedSession
from app.models import (
    Deal,
    PaidInvoice,
    Preferences,
    Proposal,
    ProposalRequest,
    Purchase,
    StageFact,
)
from app.money import Money, to_major
from app.proposals.lifecycle import UNSENT, shown_in_crm


def show_in_crm(session: ScopedSession, deal_id: int) -> None:
    """Count a change of what the CRM shows of this deal, and have it written there."""
    changed = update(Deal).where(Deal.id == deal_id).values(revision=Deal.revision + 1)
    session.execute(changed.execution_options(synchronize_session=False))
    deal = session.get_one(Deal, deal_id, populate_existing=True)
    messages.add(
        session,
        "hubspot.sync_deal",
        f"{deal_id}:{deal.revision}",
        subject=f"deal:{deal_id}",
        payload={"deal_id": deal_id, "revision": deal.revision},
    )


def note_stage(session: ScopedSession, proposal: Proposal, event: str) -> None:
    """Have the deal's stage moved once for this event, if the tenant chose a stage for it.

    The stage is written with the deal's next `show_in_crm`, which the caller calls.
    """
    preferences = session.get(Preferences, session.scope)
    stage = getattr(preferences, f"stage_{event}") if preferences else ""
    known = session.scalars(
        select(StageFact).where(StageFact.proposal_id == proposal.id, StageFact.event == event)
    ).first()
    if stage and not known:
        session.add(
            StageFact(
                deal_id=proposal.deal_id, proposal_id=proposal.id, event=event, stage_id=stage
            )
        )


def newest_proposal(session: ScopedSession, deal_id: int) -> Proposal | None:
    """The deal's newest proposal that was sent; drafts and refused drafts do not count."""
    sent = select(Proposal).where(Proposal.deal_id == deal_id, Proposal.status.not_in(UNSENT))
    return session.scalars(sent.order_by(Proposal.id.desc())).first()


def newest_request(session: ScopedSession, deal_id: int) -> ProposalRequest | None:
    newest = ProposalRequest.id.desc()
    return session.scalars(
        select(ProposalRequest).where(ProposalRequest.deal_id == deal_id).order_by(newest)
    ).first()


def purchase_of(session: ScopedSession, proposal: Proposal) -> Purchase | None:
    return session.scalars(select(Purchase).where(Purchase.proposal_id == proposal.id)).first()


def deal_properties(session: ScopedSession, deal: Deal, public_url: str) -> dict[str, str]:
    """All `propale_*` values as they stand now; empty text clears a property."""
    proposal = newest_proposal(session, deal.id)
    if proposal is None:
        problem = _problem(session, deal, None, None)
        return {"propale_status": shown_in_crm(None), "propale_problem": problem}
    purchase = purchase_of(session, proposal)
    return {
        **_of_proposal(proposal, public_url),
        **_of_purchase(session, purchase),
        "propale_problem": _problem(session, deal, proposal, purchase),
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


def _of_purchase(session: ScopedSession, purchase: Purchase | None) -> dict[str, str]:
    last = _last_invoice(session, purchase) if purchase else None
    return {
        "propale_payment_status": shown_outside(purchase.status) if purchase else "",
        "propale_accepted_at": _instant(purchase.accepted_at if purchase else None),
        "propale_stripe_customer": purchase.stripe_customer_id if purchase else "",
        "propale_stripe_subscription": (purchase.stripe_subscription_id or "") if purchase else "",
        "propale_last_invoice": last.number if last else "",
    }


def _last_invoice(session: ScopedSession, purchase: Purchase) -> PaidInvoice | None:
    newest = (PaidInvoice.paid_at.desc(), PaidInvoice.id.desc())
    return session.scalars(
        select(PaidInvoice).where(PaidInvoice.purchase_id == purchase.id).order_by(*newest)
    ).first()


def _problem(
    session: ScopedSession, deal: Deal, proposal: Proposal | None, purchase: Purchase | None
) -> str:
    request = newest_request(session, deal.id)
    problems = (
        deal.stage_problem,
        purchase.problem if purchase else "",
        proposal.problem if proposal else "",
        request.refusal if request and request.status == "refused" else "",
    )
    return next(filter(None, problems), "")


def _instant(moment: datetime | None) -> str:
    """HubSpot takes instants as milliseconds since 1970, in text."""
    return str(int(moment.timestamp() * 1000)) if moment else ""


def _figure(money: Money) -> str:
    return f"{to_major(money):f}"
