"""A Stripe page is complete: set the method on our own object and charge, once.

Recurring: subscription with its first invoice, one-off lines on it. One-off only: an invoice.
While an unpaid first invoice exists, a new method never makes new objects: it pays that one.
"""

from app.accounts.clients import stripe_client
from app.accounts.connections import get_connection
from app.billing.ladder import METHOD_OPEN
from app.billing.outcomes import hold
from app.billing.purchases import close_page, lock_purchase
from app.db import ScopedSession
from app.language import say
from app.messages import Claimed
from app.models import Proposal, Purchase
from app.proposals.request import rep_language
from app.reasons import Reason
from app.runtime import Runtime
from workers.handler import Effect, nothing_more
from workers.handlers.charge import Charge
from workers.handlers.stripe_check_proposal import prepare_plan


def work(runtime: Runtime, message: Claimed) -> Effect:
    """payload: `purchase_id`, `session_id`."""
    with runtime.database.reading(message.tenant_id) as session:
        purchase = session.get_one(Purchase, message.payload["purchase_id"])
        proposal = session.get_one(Proposal, purchase.proposal_id)
        account_id = get_connection(session, "stripe").account_id
    if purchase.status not in METHOD_OPEN:
        return _close(message)  # already billed, for the webhook or for the returning browser
    stripe = stripe_client(runtime, message.tenant_id)
    setup = stripe.retrieve_session(message.payload["session_id"])
    method_id = setup.payment_method_id
    if setup.status != "complete" or setup.setup_status != "succeeded" or method_id is None:
        return nothing_more
    if setup.id in purchase.billed_pages or purchase.stripe_payment_method_id == method_id:
        return _close(message)  # this page was already billed, whatever the result
    charge = Charge(runtime, stripe, purchase, proposal, setup.id, method_id)
    if purchase.stripe_invoice_id:
        return charge.pay(purchase.stripe_invoice_id, purchase.stripe_subscription_id)
    plan = prepare_plan(runtime, stripe, proposal, account_id)
    return charge.subscribe(plan) if plan.recurring else charge.invoice(plan)


def _close(message: Claimed) -> Effect:
    """Stripe's own news may have told the result before our call was answered."""

    def effect(session: ScopedSession) -> None:
        purchase = lock_purchase(session, message.payload["purchase_id"])
        if purchase.stripe_session_id == message.payload["session_id"]:
            close_page(purchase, message.payload["session_id"])

    return effect


def when_dead(session: ScopedSession, message: Claimed, reason: Reason) -> None:
    """Whether Stripe charged is unknown; the next try first looks for what this one made."""
    purchase = lock_purchase(session, message.payload["purchase_id"])
    proposal = session.get_one(Proposal, purchase.proposal_id)
    close_page(purchase, message.payload["session_id"])
    language = rep_language(session, proposal)
    hold(session, purchase, say(language, "billing.failed", reason=reason.said(language)))
