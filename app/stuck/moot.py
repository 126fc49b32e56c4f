"""Dead letters that nothing would come of, were they sent again: one sentence says why."""

from collections.abc import Callable, Mapping

from app.billing.ladder import METHOD_OPEN
from app.db import ScopedSession
from app.language import say
from app.models import Deal, Message, Proposal, ProposalRequest, Purchase
from app.proposals.lifecycle import ProposalStatus


def why_moot(session: ScopedSession, message: Message, language: str) -> str:
    """Why there is nothing left to do; "" where there is."""
    found = MOOT.get(message.kind)
    reason = found(session, message) if found else ""
    return say(language, f"messages.moot_{reason}", id=message.id) if reason else ""


def _click(session: ScopedSession, message: Message) -> str:
    request = session.get(ProposalRequest, message.payload["request_id"])
    return "" if request and request.status == "taken" else "click"


def _draft(session: ScopedSession, message: Message) -> str:
    proposal = session.get(Proposal, message.payload["proposal_id"])
    return "" if proposal and proposal.status == ProposalStatus.DRAFT else "click"


def _page(session: ScopedSession, message: Message) -> str:
    purchase = session.get_one(Purchase, message.payload["purchase_id"])
    newest = purchase.page_number == message.payload["page_number"]
    return "" if newest and purchase.status in METHOD_OPEN else "choice"


def _billing(session: ScopedSession, message: Message) -> str:
    purchase = session.get_one(Purchase, message.payload["purchase_id"])
    newest = purchase.stripe_session_id == message.payload["session_id"]
    return "" if newest and purchase.status in METHOD_OPEN else "choice"


def _deal(session: ScopedSession, message: Message) -> str:
    deal = session.get_one(Deal, message.payload["deal_id"])
    return "" if deal.pushed_revision < message.payload["revision"] else "deal"


MOOT: Mapping[str, Callable[[ScopedSession, Message], str]] = {
    "hubspot.prepare_proposal": _click,
    "stripe.check_proposal": _draft,
    "stripe.open_page": _page,
    "stripe.start_billing": _billing,
    "hubspot.sync_deal": _deal,
}
