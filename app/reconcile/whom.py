"""Whom a difference is about, and where a person looks at it: what its own sentences leave out."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Select, select

from app.accounts.connections import find_connection
from app.billing.stripe_events import purchase_named
from app.billing.stripe_inbox import object_of
from app.db import ScopedSession
from app.language import say
from app.models import Deal, Message, Proposal, Purchase, Tenant
from app.proposals.content import amounts_of
from app.proposals.named import named_deal, named_proposal
from app.proposals.projection import newest_proposal
from app.providers.hubspot.pages import deal_page
from app.providers.stripe.pages import dashboard_page, keys_page
from app.reconcile.differences import ABOUT_DEALS, ABOUT_MESSAGES, Difference, Kind
from app.settings import Settings
from app.wording.plain import one_line

LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Whom:
    """`name`: the proposal, its customer and sums, or the deal, in words; "" if unknown.

    `url`: the page in `place`, which is stripe, deal or connections.
    """

    name: str
    place: str
    url: str


def whom(session: ScopedSession, settings: Settings, difference: Difference, language: str) -> Whom:
    proposal, deal = _find(session, difference)
    place, url = _page(session, settings, difference, deal)
    if proposal:
        return Whom(_proposal(proposal, language), place, url)
    name = say(language, "reconcile.whom.deal", id=deal.hubspot_deal_id) if deal else ""
    return Whom(name, place, url)


def _find(session: ScopedSession, difference: Difference) -> tuple[Proposal | None, Deal | None]:
    """The proposal and the deal that the difference is about, as far as we know."""
    deal: Deal | None = None
    if difference.kind in ABOUT_DEALS:
        mine = Deal.hubspot_deal_id == difference.about
        deal = session.scalars(select(Deal).where(mine)).first()
        return (newest_proposal(session, deal.id) if deal else None), deal
    if difference.kind in ABOUT_MESSAGES:
        message = session.get(Message, int(difference.about))
        payload = message.payload if message else {}
        proposal, deal = _of_event(session, payload), named_deal(session, payload)
        proposal = proposal or named_proposal(session, payload)
        proposal = proposal or (newest_proposal(session, deal.id) if deal else None)
    else:
        proposal = _of_values(session, difference)
    return proposal, session.get(Deal, proposal.deal_id) if proposal else deal


def _of_event(session: ScopedSession, payload: Mapping[str, object]) -> Proposal | None:
    """The proposal whose purchase an event of Stripe names."""
    event = payload.get("event")
    name = purchase_named(object_of(event)) if isinstance(event, dict) else None
    return session.scalars(_bought().where(Purchase.public_id == name)).first() if name else None


def _of_values(session: ScopedSession, difference: Difference) -> Proposal | None:
    """By the proposal's number, else by the customer in Stripe."""
    if number := difference.values.get("number"):
        numbered = select(Proposal).where(Proposal.number == number)
        return session.scalars(numbered.order_by(Proposal.id.desc())).first()
    if used := difference.values.get("used"):
        buyers = _bought().where(Purchase.stripe_customer_id == used)
        return session.scalars(buyers.order_by(Purchase.id.desc())).first()
    return None


def _bought() -> Select[Proposal]:
    return select(Proposal).join(Purchase, Purchase.proposal_id == Proposal.id)


def _proposal(proposal: Proposal, language: str) -> str:
    document, amounts = proposal.document, amounts_of(proposal, language)
    company = (document.get("company") or {}).get("name", "")
    customer = company or document["recipient"]["name"] or proposal.recipient_email
    return say(
        language,
        "reconcile.whom.recurring" if amounts.recurring else "reconcile.whom.proposal",
        number=proposal.number,
        customer=one_line(customer, LONGEST_NAME),
        due_now=amounts.due_now,
        recurring=amounts.recurring,
    )


def _page(
    session: ScopedSession, settings: Settings, difference: Difference, deal: Deal | None
) -> tuple[str, str]:
    connection = find_connection(session, "stripe")
    live = bool(connection and connection.livemode) is not (difference.kind == Kind.WRONG_MODE)
    base = settings.stripe_app_base
    if difference.kind not in (*ABOUT_DEALS, *ABOUT_MESSAGES) and (
        url := dashboard_page(base, difference.about, livemode=live)
    ):
        return "stripe", url
    if difference.kind == Kind.PERMISSION_MISSING:
        return "stripe", keys_page(base, livemode=live)
    if deal:
        hub_id = session.get_one(Tenant, session.scope).hub_id
        return "deal", deal_page(settings.hubspot_app_base, hub_id, deal.hubspot_deal_id)
    return "connections", f"{settings.public_url}/connections"
