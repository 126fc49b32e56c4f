"""From a request to a frozen draft, and from the draft to a sent proposal."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from app import messages
from app.accounts.preferences.chosen import chosen_zone
from app.clock import wall_now
from app.db import ScopedSession
from app.language import say
from app.models import Preferences, Proposal, ProposalRequest, Tenant
from app.proposals.content import Offer, document, fingerprint
from app.proposals.lifecycle import ProposalStatus
from app.proposals.projection import note_stage, show_in_crm
from app.proposals.seller import seller_now
from app.proposals.telling import tell
from app.proposals.transitions import move
from app.seal import Sealer
from app.snapshot import DealSnapshot, Owner
from app.tokens import new_token, token_hash

LONGEST_CLICK = timedelta(days=1)


def draft_proposal(
    session: ScopedSession,
    request: ProposalRequest,
    deal: DealSnapshot,
    offer: Offer,
    *,
    rep: Owner,
    now: datetime,
) -> Proposal:
    """Freeze what will be sent and have Stripe compute the same total.

    The number rises per tenant and year; a draft that is refused leaves a gap.
    """
    # One number at a time; this weaker lock does not block other inserts of the tenant.
    tenant = session.get_one(Tenant, session.scope, with_for_update={"key_share": True})
    preferences = session.get_one(Preferences, tenant.id)
    zone = chosen_zone(session)
    today = now.astimezone(zone).date()
    sequence = _next_sequence(session, today.year)
    number = f"P-{today.year}-{sequence:04d}"
    last_day = today + timedelta(days=preferences.validity_days)
    content = document(
        offer,
        deal,
        seller=asdict(seller_now(preferences)),
        circumstances={
            "number": number,
            "version": 1,
            "language": preferences.language,
            "issued_on": today.isoformat(),
            "valid_until": last_day.isoformat(),
            "rep": {"name": rep.name, "email": rep.email},
        },
    )
    proposal = Proposal(
        public_id=str(uuid.uuid4()),
        deal_id=request.deal_id,
        request_id=request.id,
        year=today.year,
        sequence=sequence,
        number=number,
        status=ProposalStatus.DRAFT,
        document=content,
        document_hash=fingerprint(content),
        currency=offer.currency,
        due_now_minor=offer.due_now.total_minor,
        recurring_minor=offer.recurring.total_minor,
        interval=offer.interval,
        language=preferences.language,
        recipient_email=offer.recipient.email,
        rep_email=rep.email,
        created_at=now,
        valid_until=end_of_day(last_day, zone),
    )
    session.add(proposal)
    session.flush()
    messages.add(
        session, "stripe.check_proposal", str(proposal.id), payload={"proposal_id": proposal.id}
    )
    return proposal


def _next_sequence(session: ScopedSession, year: int) -> int:
    last = select(func.max(Proposal.sequence)).where(Proposal.year == year)
    return (session.scalars(last).one() or 0) + 1


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The last instant of the day where the tenant lives."""
    return datetime.combine(day, time.max, zone)


def send_proposal(
    session: ScopedSession,
    sealer: Sealer,
    proposal: Proposal,
    *,
    methods: Sequence[str],
    notes: Sequence[str],
    now: datetime,
) -> None:
    """Stripe computed the same total: make the customer's link and have it mailed.

    A click that had to wait too long is refused instead: by now the rep may want something else.
    """
    request = session.get_one(ProposalRequest, proposal.request_id)
    if is_late(request) or (proposal.valid_until and now > proposal.valid_until):
        refuse_draft(session, proposal, say(request.language, "card.too_late"))
        return
    token = new_token()
    moved = move(
        session,
        proposal,
        ProposalStatus.SENT,
        methods=list(methods),
        notes=list(notes),
        token_hash=token_hash(token),
        sealed_token=sealer.seal(proposal.tenant_id, "proposal_token", token),
        sent_at=now,
    )
    if not moved:
        return
    request.status = "sent"
    note_stage(session, proposal, "sent")
    session.flush()
    show_in_crm(session, proposal.deal_id)
    messages.add(
        session,
        "email.proposal_sent",
        f"{proposal.id}:{proposal.version}",
        payload={"proposal_id": proposal.id},
    )
    tell(session, "sent", f"{proposal.id}:{proposal.version}", {"proposal_id": proposal.id})


def is_late(request: ProposalRequest) -> bool:
    """Whether the click is so old that what it asked for is no longer done without asking."""
    return wall_now() - request.requested_at > LONGEST_CLICK


def refuse_draft(session: ScopedSession, proposal: Proposal, reason: str) -> None:
    """Stripe's total differs, or Stripe cannot be asked: send nothing, the card says why."""
    if move(session, proposal, ProposalStatus.REFUSED):
        refuse_request(session, session.get_one(ProposalRequest, proposal.request_id), reason)


def refuse_request(session: ScopedSession, request: ProposalRequest, reason: str) -> None:
    """End the request: the card shows the button again, with one sentence that says why."""
    if request.status == "taken":
        request.status, request.refusal = "refused", reason
        session.flush()
        show_in_crm(session, request.deal_id)
