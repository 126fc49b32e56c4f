"""One click on the card's button: stored together with its message, then answered."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import messages
from app.accounts.roles import Right, meet, refuse_unless
from app.audit import Who, audit
from app.clock import wall_now
from app.db import Database, ScopedSession
from app.errors import ConflictError, NotFoundError
from app.language import say
from app.models import Deal, Proposal, ProposalRequest
from app.proposals.lifecycle import OPEN
from app.proposals.projection import newest_request, show_in_crm


@dataclass(frozen=True, slots=True)
class Click:
    """Who clicked, on which deal (HubSpot's id), and what the button said."""

    deal_id: str
    request_id: str
    user_id: int
    user_email: str
    recipient_contact_id: str
    shown: str
    language: str


def request_proposal(database: Database, tenant_id: int, click: Click) -> None:
    """Store the request, once, together with the message that starts the work.

    The same click again is the same request. Raises `AppError` 403 for a role that may not sell,
    `NotFoundError` for a deal that the card has not read, `ConflictError` for a request id used
    elsewhere or a deal that has a proposal open.
    """
    try:
        with database.writing(tenant_id) as session:
            if not _taken_before(session, click):
                _take(session, click)
    except IntegrityError:
        with database.reading(tenant_id) as session:
            if not _taken_before(session, click):
                raise _busy(click) from None


def find_deal(session: ScopedSession, hubspot_deal_id: str) -> Deal | None:
    return session.scalars(select(Deal).where(Deal.hubspot_deal_id == hubspot_deal_id)).first()


def rep_language(session: ScopedSession, proposal: Proposal) -> str:
    """The language of the card the rep clicked on; all words to the rep use it."""
    return session.get_one(ProposalRequest, proposal.request_id).language


def _taken_before(session: ScopedSession, click: Click) -> bool:
    same_id = ProposalRequest.request_id == click.request_id
    row = session.execute(
        select(ProposalRequest, Deal).join(Deal, Deal.id == ProposalRequest.deal_id).where(same_id)
    ).first()
    if row is None:
        return False
    request, deal = row
    if (deal.hubspot_deal_id, request.user_id) != (click.deal_id, click.user_id):
        raise ConflictError("request_reused", say(click.language, "card.request_reused"))
    return True


def _take(session: ScopedSession, click: Click) -> None:
    meet(session, click.user_id, click.user_email)
    refuse_unless(session, click.user_id, Right.SELL, click.language)
    deal = find_deal(session, click.deal_id)
    if deal is None:
        raise NotFoundError("deal_unknown", say(click.language, "card.deal_unknown"))
    before = newest_request(session, deal.id)
    request = ProposalRequest(
        deal_id=deal.id,
        request_id=click.request_id,
        user_id=click.user_id,
        user_email=click.user_email,
        recipient_contact_id=click.recipient_contact_id,
        shown=click.shown,
        language=click.language,
        requested_at=wall_now(),
    )
    session.add(request)
    who = Who.person(click.user_id, click.user_email, address="")  # the call is HubSpot's own
    audit(session, who, "proposal.requested", after={"deal": click.deal_id})
    # Insert first: the unique index waits for an earlier request of this deal to be committed.
    # Only after that can we see a proposal made by it.
    session.flush()
    if _open_proposal(session, deal):
        raise _busy(click)
    if before and before.refusal:
        show_in_crm(session, deal.id)  # what stopped the click before is no problem any more
    messages.add(
        session,
        "hubspot.prepare_proposal",
        str(request.id),
        subject=f"deal_request:{deal.id}",
        payload={"request_id": request.id},
    )


def _open_proposal(session: ScopedSession, deal: Deal) -> Proposal | None:
    return session.scalars(
        select(Proposal).where(Proposal.deal_id == deal.id, Proposal.status.in_(OPEN))
    ).first()


def _busy(click: Click) -> ConflictError:
    return ConflictError("proposal_open", say(click.language, "card.proposal_open"))
