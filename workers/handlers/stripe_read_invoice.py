"""Reads a purchase's leading invoice again: the customer wants its page, or another one leads."""

from app.accounts.clients import stripe_client
from app.billing.outcomes import WORTHLESS, apply_invoice
from app.billing.purchases import leading_invoice, lock_purchase
from app.clock import wall_now
from app.db import ScopedSession
from app.language import say
from app.messages import Claimed
from app.models import Proposal, Purchase
from app.proposals.problems import forget_overtaken, note_problem
from app.proposals.request import rep_language
from app.reasons import Reason
from app.runtime import Runtime
from app.trail import note
from workers.handler import Effect
from workers.handlers.paid_with import with_kind


def work(runtime: Runtime, message: Claimed) -> Effect:
    """payload: `purchase_id`, `invoice_id`: the leading one when it was asked for."""
    purchase_id = message.payload["purchase_id"]
    with runtime.database.reading(message.tenant_id) as session:
        seen = session.get_one(Purchase, purchase_id)
        note(proposal=session.get_one(Proposal, seen.proposal_id).number)
    stripe = stripe_client(runtime, message.tenant_id)
    found = stripe.find_invoice(leading_invoice(seen))
    if found is None:
        return lambda session: _forget_address(session, message)
    invoice, now = with_kind(stripe, seen, found), runtime.clock.now()

    def follow(session: ScopedSession) -> None:
        purchase = _settle(session, message)
        apply_invoice(session, purchase, invoice, now)
        if leading_invoice(purchase) == invoice.id and invoice.status not in WORTHLESS:
            purchase.hosted_invoice_url = invoice.hosted_url or ""

    return follow


def _settle(session: ScopedSession, message: Claimed) -> Purchase:
    """It could be read: earlier ones that could not are no problem any more."""
    purchase = lock_purchase(session, message.payload["purchase_id"])
    forget_overtaken(session, message)
    purchase.invoice_read_at = wall_now()
    return purchase


def _forget_address(session: ScopedSession, message: Claimed) -> None:
    """The invoice is gone: the customer reads where things stand."""
    _settle(session, message).hosted_invoice_url = ""


def when_dead(session: ScopedSession, message: Claimed, reason: Reason) -> None:
    """Tell the rep that the customer has no way to the invoice; of several the newest stays."""
    purchase = session.get_one(Purchase, message.payload["purchase_id"])
    proposal = session.get_one(Proposal, purchase.proposal_id)
    language = rep_language(session, proposal)
    words = say(language, "card.invoice_unread", reason=reason.said(language))
    forget_overtaken(session, message)
    note_problem(session, proposal.deal_id, message, words)
