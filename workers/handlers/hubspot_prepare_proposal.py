"""A click on the card's button: read the deal again, freeze it if it is what the rep saw."""

from app.db import ScopedSession
from app.errors import ProviderError
from app.language import say
from app.messages import Claimed, Ignored
from app.models import Deal, ProposalRequest
from app.proposals.reading import check_deal, find_owner, keep_snapshot, read_deal
from app.proposals.send import draft_proposal, is_late, refuse_request
from app.reasons import Reason
from app.runtime import Runtime
from app.snapshot import DealSnapshot, Owner
from app.trail import note
from workers.handler import Effect


def work(runtime: Runtime, message: Claimed) -> Effect:
    """payload: `request_id`."""
    request_id = message.payload["request_id"]
    with runtime.database.reading(message.tenant_id) as session:
        request = session.get_one(ProposalRequest, request_id)
        hubspot_deal_id = session.get_one(Deal, request.deal_id).hubspot_deal_id
        language = request.language
    if request.status != "taken":
        raise Ignored("it was refused before, and the rep has the button back")
    if is_late(request):
        return lambda session: _refuse(session, request_id, say(language, "card.too_late"))
    try:
        deal = read_deal(runtime, message.tenant_id, hubspot_deal_id)
    except ProviderError as error:
        if error.code != "not_found":
            raise
        return lambda session: _refuse(session, request_id, say(language, "card.deal_unknown"))
    return lambda session: _prepare(session, runtime, request_id, deal)


def _prepare(session: ScopedSession, runtime: Runtime, request_id: int, deal: DealSnapshot) -> None:
    request = session.get_one(ProposalRequest, request_id)
    if request.status != "taken":
        return
    checked = check_deal(session, runtime, deal)
    keep_snapshot(session, deal, checked)
    offer = checked.offer_to(request.recipient_contact_id)
    if checked.problems:
        refuse_request(session, request, say(request.language, "card.not_ready_now"))
    elif offer is None or offer.shown() != request.shown:
        refuse_request(session, request, say(request.language, "card.changed"))
    else:
        rep = find_owner(session, deal.owner_id) or _clicker(request)
        drafted = draft_proposal(session, request, deal, offer, rep=rep, now=runtime.clock.now())
        note(proposal=drafted.number)


def _clicker(request: ProposalRequest) -> Owner:
    return Owner("", request.user_email, request.user_email)


def _refuse(session: ScopedSession, request_id: int, reason: str) -> None:
    refuse_request(session, session.get_one(ProposalRequest, request_id), reason)


def when_dead(session: ScopedSession, message: Claimed, reason: Reason) -> None:
    """Give the button back and say why no proposal was made."""
    request = session.get_one(ProposalRequest, message.payload["request_id"])
    words = reason.said(request.language)
    refuse_request(session, request, say(request.language, "card.not_prepared", reason=words))
