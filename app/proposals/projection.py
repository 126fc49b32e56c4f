"""Changes of what the CRM shows of a deal: counted, and the full current state is written."""

from datetime import timedelta

from sqlalchemy import select, update

from app import messages
from app.accounts.stages import stage_in
from app.clock import wall_now
from app.db import ScopedSession
from app.models import (
    Deal,
    Message,
    Proposal,
    ProposalRequest,
    Purchase,
    StageFact,
)
from app.proposals.lifecycle import UNSENT

UNWRITTEN = ("waiting", "sending", "refused")
A_WHILE = timedelta(minutes=1)


def show_in_crm(session: ScopedSession, deal_id: int, *, found: str = "") -> None:
    """Count a change of what the CRM shows of this deal, and have it written there.

    `found` is kept with the message: what the CRM said that made the write necessary.
    """
    changed = update(Deal).where(Deal.id == deal_id).values(revision=Deal.revision + 1)
    session.execute(changed.execution_options(synchronize_session=False))
    deal = session.get_one(Deal, deal_id, populate_existing=True)
    messages.add(
        session,
        "hubspot.sync_deal",
        f"{deal_id}:{deal.revision}",
        subject=f"deal:{deal_id}",
        payload={"deal_id": deal_id, "revision": deal.revision}
        | ({"found": found} if found else {}),
    )


def note_stage(session: ScopedSession, proposal: Proposal, event: str) -> None:
    """Have the deal's stage moved once for this event, if the tenant chose a stage for it.

    The stage is written with the deal's next `show_in_crm`, which the caller calls.
    """
    stage = chosen_stage(session, proposal, event)
    known = session.scalars(
        select(StageFact).where(StageFact.proposal_id == proposal.id, StageFact.event == event)
    ).first()
    if stage and not known:
        session.add(
            StageFact(
                deal_id=proposal.deal_id, proposal_id=proposal.id, event=event, stage_id=stage
            )
        )


def chosen_stage(session: ScopedSession, proposal: Proposal, event: str) -> str:
    """The stage to which this event moves the deal; "" leaves it where it is."""
    deal = session.get_one(Deal, proposal.deal_id)
    return stage_in(session, deal.pipeline_id, event)


def push_is_worth_a_try(session: ScopedSession, deal: Deal) -> bool:
    """Whether HubSpot refused something of the deal a while ago, and may take it by now.

    That is a stage, or the whole push; what a push on its way will try anyhow does not count.
    """
    tried = None
    if deal.pushed_revision < deal.revision:
        # By its key, which has an index: a card asks at each look.
        key = f"{session.scope}:hubspot.sync_deal:{deal.id}:{deal.revision}"
        dead = (Message.dedupe_key == key, Message.status == "dead")
        tried = session.scalars(select(Message.finished_at).where(*dead)).first()
    elif deal.stage_problem:
        refused = (StageFact.deal_id == deal.id, StageFact.status == "refused")
        tried = session.scalars(select(StageFact.refused_at).where(*refused)).first()
    return tried is not None and wall_now() - tried > A_WHILE


def try_refused_stages(session: ScopedSession) -> None:
    """Have every stage that HubSpot refused tried once more, with the rest of the deal's push."""
    refused = select(StageFact.deal_id).where(StageFact.status == "refused").distinct()
    for deal_id in session.scalars(refused).all():
        show_in_crm(session, deal_id)


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
