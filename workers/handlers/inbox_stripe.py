"""A Stripe webhook is a hint: the object is read again, and only newer state is applied."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select

from app.accounts.clients import stripe_client
from app.accounts.stripe_standing import note_removal
from app.billing.outcomes import apply_invoice, apply_subscription
from app.billing.purchases import hear_of_setup, lock_purchase
from app.billing.stripe_events import DEAUTHORIZED, HANDLED, purchase_named
from app.db import ScopedSession
from app.errors import FailureKind, ProviderError
from app.language import say
from app.messages import Claimed, Ignored
from app.models import Proposal, Purchase
from app.proposals.flow import join_flow
from app.proposals.problems import note_problem
from app.proposals.request import rep_language
from app.reasons import Reason, reason_of
from app.runtime import Runtime
from workers.handler import Effect
from workers.handlers.paid_with import with_kind, with_renewals_kind

GONE = "the object is gone: a draft that was not to be charged"


def work(runtime: Runtime, message: Claimed) -> Effect:
    """payload: `event`, as Stripe sent it."""
    event: Mapping[str, Any] = message.payload["event"]
    if event["type"] == DEAUTHORIZED:
        return _follow_removal(runtime, message)
    if event["type"] not in HANDLED:
        raise Ignored(f"event type {event['type']} is not handled")
    about = event["data"]["object"]
    with runtime.database.reading(message.tenant_id) as session:
        purchase = _find_purchase(session, about)
        if purchase:
            join_flow(session, purchase.proposal_id)
    if purchase is None:
        raise Ignored("an object that is not ours")
    return FOLLOW[about["object"]](runtime, message, purchase, about["id"])


def _follow_removal(runtime: Runtime, message: Claimed) -> Effect:
    """Look whether our platform still reaches the account: it may have let us in again since."""
    try:
        stripe_client(runtime, message.tenant_id).retrieve_account()
    except ProviderError as error:
        if error.kind is not FailureKind.AUTH:
            raise
        reason = reason_of(error)
        return lambda session: note_removal(session, reason)
    raise Ignored("the account is still connected")


def _find_purchase(session: ScopedSession, about: Mapping[str, Any]) -> Purchase | None:
    """Find the purchase by the metadata we gave the object, else by its id."""
    known = or_(
        Purchase.public_id == purchase_named(about),
        Purchase.stripe_invoice_id == about["id"],
        Purchase.stripe_subscription_id == about["id"],
        Purchase.stripe_session_id == about["id"],
    )
    return session.scalars(select(Purchase).where(known)).first()


def _follow_session(
    _runtime: Runtime, message: Claimed, purchase: Purchase, session_id: str
) -> Effect:
    event_id = message.payload["event"]["id"]

    def ask(session: ScopedSession) -> None:
        hear_of_setup(session, lock_purchase(session, purchase.id), session_id, event_id)

    return ask


def _follow_invoice(
    runtime: Runtime, message: Claimed, purchase: Purchase, invoice_id: str
) -> Effect:
    stripe = stripe_client(runtime, message.tenant_id)
    found = stripe.find_invoice(invoice_id)
    if found is None:
        raise Ignored(GONE)
    invoice, now = with_kind(stripe, purchase, found), runtime.clock.now()
    return lambda session: apply_invoice(session, lock_purchase(session, purchase.id), invoice, now)


def _follow_subscription(
    runtime: Runtime, message: Claimed, purchase: Purchase, subscription_id: str
) -> Effect:
    stripe = stripe_client(runtime, message.tenant_id)
    found = stripe.find_subscription(subscription_id)
    if found is None:
        raise Ignored(GONE)
    subscription, now = with_renewals_kind(stripe, purchase, found), runtime.clock.now()
    return lambda session: apply_subscription(
        session, lock_purchase(session, purchase.id), subscription, now
    )


FOLLOW = {
    "checkout.session": _follow_session,
    "invoice": _follow_invoice,
    "subscription": _follow_subscription,
}


def when_dead(session: ScopedSession, message: Claimed, reason: Reason) -> None:
    """Say on the deal that the money's status may be out of date."""
    purchase = _find_purchase(session, message.payload["event"]["data"]["object"])
    if purchase is None:
        return
    proposal = session.get_one(Proposal, purchase.proposal_id)
    language = rep_language(session, proposal)
    words = say(language, "card.news_unread", reason=reason.said(language))
    note_problem(session, proposal.deal_id, message, words)
