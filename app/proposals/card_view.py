"""What the card shows of a deal, in the rep's language."""

from datetime import datetime
from typing import Any

from app.billing.ladder import shown_outside
from app.db import ScopedSession
from app.language import say
from app.models import Deal, Proposal, ProposalRequest, Purchase
from app.money import Money, format_money
from app.proposals.content import Offer, amounts_of
from app.proposals.lifecycle import ProposalStatus, shown_in_crm
from app.proposals.preflight import Preflight, Problem
from app.proposals.problems import newest_problem
from app.proposals.projection import newest_proposal, newest_request, purchase_of

NOT_A_SELLER = Problem("not_a_seller", "")
BUSY = (ProposalStatus.SENT, ProposalStatus.ACCEPTED)


def needs_deal(session: ScopedSession, deal: Deal | None) -> bool:
    """Whether the button may be shown; then the deal itself must be read and checked."""
    if deal is None:
        return True
    request, proposal = newest_request(session, deal.id), newest_proposal(session, deal.id)
    taken = request is not None and request.status == "taken"
    return not taken and (proposal is None or proposal.status not in BUSY)


def card_view(
    session: ScopedSession,
    deal: Deal,
    checked: Preflight | None,
    *,
    language: str,
    public_url: str,
    deal_url: str,
    may_sell: bool,
) -> dict[str, Any]:
    """The card's whole state; its shape is `hubspot_cards/card-api.schema.json`.

    `deal_url` is the deal's page in HubSpot. Who may not sell is shown everything but the
    buttons, and whom to ask.
    """
    if checked and not may_sell:
        checked = Preflight((NOT_A_SELLER,), (), ())
    request, proposal = newest_request(session, deal.id), newest_proposal(session, deal.id)
    purchase = purchase_of(session, proposal) if proposal else None
    state = _state(request, proposal, checked)
    return {
        "state": state,
        "status": shown_in_crm(proposal.status if proposal else None),
        "money": {"status": shown_outside(purchase.status)} if purchase else None,
        "problems": [shown_problem(problem, language) for problem in checked.problems]
        if checked
        else [],
        "warnings": [
            *_stage_warning(deal, deal_url, language),
            *_warnings(checked, proposal, language),
        ],
        "offers": [_offer(offer, language) for offer in checked.offers] if checked else [],
        "amounts": _amounts(checked, proposal, language),
        "proposal": _proposal(session, proposal, public_url, may_sell) if proposal else None,
        "message": _message(state, request, language) or _trouble(session, deal, purchase),
        "connectable": state == "not_connected",
    }


def not_connected(language: str, *, connectable: bool) -> dict[str, Any]:
    """The view of a portal that has not installed us, or not connected Stripe."""
    return {
        "state": "not_connected",
        "status": "not_created",
        "money": None,
        "problems": [],
        "warnings": [],
        "offers": [],
        "amounts": None,
        "proposal": None,
        "message": say(language, "card.not_connected"),
        "connectable": connectable,
    }


def _state(
    request: ProposalRequest | None, proposal: Proposal | None, checked: Preflight | None
) -> str:
    if request and request.status == "taken":
        return "taken"
    if proposal and proposal.status in BUSY:
        return proposal.status
    if checked is None or any(problem.code == "stripe_missing" for problem in checked.problems):
        return "not_connected"
    if checked.problems:
        return "not_ready"
    if request and request.status == "refused":
        return "problem"
    return "ready" if len(checked.offers) == 1 else "choose_recipient"


def shown_problem(problem: Problem, language: str) -> dict[str, str]:
    """A problem as the card has it: what is wrong and what to do about it."""
    words = f"preflight.{problem.code}"
    values = {
        name: format_money(value, language) if isinstance(value, Money) else value
        for name, value in problem.values.items()
    }
    return {
        "code": problem.code,
        "field": problem.at,
        "message": say(language, words, **values),
        "remedy": say(language, f"{words}.remedy", **values),
    }


def _warnings(
    checked: Preflight | None, proposal: Proposal | None, language: str
) -> list[dict[str, str]]:
    open_notes = proposal.notes if proposal and proposal.status in BUSY else []
    codes = [*(checked.warnings if checked else ()), *open_notes]
    return [{"code": code, "message": say(language, f"warning.{code}")} for code in codes]


def _stage_warning(deal: Deal, deal_url: str, language: str) -> list[dict[str, str]]:
    """What HubSpot asks for before it moves the deal, with the way to the deal's fields."""
    if not deal.stage_problem:
        return []
    link = {"link": deal_url, "linkLabel": say(language, "card.open_deal")}
    return [{"code": "stage_refused", "message": deal.stage_problem, **link}]


def _offer(offer: Offer, language: str) -> dict[str, Any]:
    person, amounts = offer.recipient, offer.amounts(language)
    key = "card.button_recurring" if offer.interval else "card.button"
    return {
        "recipient": {"contactId": person.id, "name": person.name, "email": person.email},
        "shown": offer.shown(),
        "label": say(
            language,
            key,
            to=person.email if person.name == person.email else f"{person.name} ({person.email})",
            due_now=amounts.due_now,
            recurring=amounts.recurring,
        ),
    }


def _amounts(
    checked: Preflight | None, proposal: Proposal | None, language: str
) -> dict[str, str | None] | None:
    if proposal and proposal.status in BUSY:
        amounts = amounts_of(proposal, language)
    elif checked and checked.offers:
        amounts = checked.offers[0].amounts(language)
    else:
        return None
    return {"dueNow": amounts.due_now, "recurring": amounts.recurring}


def _proposal(
    session: ScopedSession, proposal: Proposal, public_url: str, may_sell: bool
) -> dict[str, Any]:
    purchase = purchase_of(session, proposal)
    declined = proposal.status == ProposalStatus.DECLINED
    return {
        "id": proposal.public_id,
        "number": proposal.number,
        "link": f"{public_url}/d/{proposal.public_id}",
        "sentAt": _iso(proposal.sent_at),
        "acceptedAt": _iso(purchase.accepted_at if purchase else None),
        "declinedAt": _iso(proposal.closed_at if declined else None),
        "declineReason": proposal.decline_reason or None,
        "validUntil": _iso(proposal.valid_until),
        "recipientEmail": proposal.recipient_email,
        "withdrawable": may_sell and proposal.status == ProposalStatus.SENT,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat().replace("+00:00", "Z") if moment else None


def _trouble(session: ScopedSession, deal: Deal, purchase: Purchase | None) -> str | None:
    """A problem with the money, or what could not be told, in this order."""
    money = purchase.problem if purchase else ""
    return money or newest_problem(session, deal.id) or None


def _message(state: str, request: ProposalRequest | None, language: str) -> str | None:
    if state == "taken":
        return say(language, "card.taken")
    if state in ("not_ready", "not_connected"):
        return say(language, f"card.{state}")
    return request.refusal if request and state == "problem" else None
