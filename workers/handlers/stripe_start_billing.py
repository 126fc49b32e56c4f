"""A Stripe page is complete: set the method on our own object and charge, once.

Recurring: subscription with its first invoice, one-off lines on it. One-off only: an invoice.
While an unpaid first invoice exists, a new method never makes new objects: it pays that one.
"""

from app.accounts.clients import stripe_client
from app.accounts.connections import get_connection
from app.billing.ladder import METHOD_OPEN
from app.billing.outcomes import begin_generation, hold
from app.billing.purchases import close_page, lock_purchase
from app.billing.steps import was_begun_with
from app.db import ScopedSession
from app.language import say
from app.messages import Claimed, Ignored
from app.models import Proposal, Purchase
from app.proposals.request import rep_language
from app.reasons import Reason
from app.runtime import Runtime
from app.trail import note
from workers.handler import Effect, nothing_more
from workers.handlers.catalogue import Catalogue
from workers.handlers.charge import Charge, GenerationOver
from workers.handlers.operations import Operations


def work(runtime: Runtime, message: Claimed) -> Effect:
    """payload: `purchase_id`, `session_id`."""
    purchase, proposal, account_id = _read(runtime, message)
    if message.payload["session_id"] in purchase.billed_pages and not message.sent_again:
        return nothing_more  # for the webhook or for the returning browser
    stripe = stripe_client(runtime, message.tenant_id)
    setup = stripe.retrieve_session(message.payload["session_id"])
    method_id = setup.payment_method_id
    if setup.status != "complete" or setup.setup_status != "succeeded" or method_id is None:
        return nothing_more
    if purchase.status not in METHOD_OPEN:
        return _leave(runtime, purchase, setup.id, method_id)
    if message.sent_again and setup.metadata.get("propale_page") != str(purchase.page_number):
        raise Ignored("the customer has chosen again since: that choice counts")

    def bill(purchase: Purchase) -> Effect:
        charge = Charge(Operations(runtime, stripe, purchase, proposal, method_id), setup.id)
        if purchase.stripe_invoice_id:
            return charge.pay_first()
        return Catalogue(runtime, stripe, message.tenant_id, account_id).with_plan(
            proposal, charge.bill
        )

    try:
        return bill(purchase)
    except GenerationOver:
        return bill(_next_generation(runtime, purchase))


def _read(runtime: Runtime, message: Claimed) -> tuple[Purchase, Proposal, str]:
    with runtime.database.reading(message.tenant_id) as session:
        purchase = session.get_one(Purchase, message.payload["purchase_id"])
        proposal = session.get_one(Proposal, purchase.proposal_id)
        note(proposal=proposal.number)
        return purchase, proposal, get_connection(session, "stripe").account_id


def _next_generation(runtime: Runtime, ended: Purchase) -> Purchase:
    """Begin it before anything is made in it, unless Stripe's news did so meanwhile."""
    with runtime.database.writing(ended.tenant_id) as session:
        purchase = lock_purchase(session, ended.id)
        if purchase.generation == ended.generation:
            begin_generation(purchase)
        return purchase


def _leave(runtime: Runtime, purchase: Purchase, session_id: str, method_id: str) -> Effect:
    """The money moved before this page was billed: by this very method, or by another.

    Stripe's own news may have told the result before our call was answered. Else the message is
    kept as *ignored*: nothing is charged to the method, now or later.
    """
    with runtime.database.writing(purchase.tenant_id) as session:
        close_page(lock_purchase(session, purchase.id), session_id)
        charged = was_begun_with(session, purchase, method_id)
    if not charged:
        raise Ignored(f"entered when the payment was {purchase.status}: it is charged nothing")
    return nothing_more


def when_dead(session: ScopedSession, message: Claimed, reason: Reason) -> None:
    """Whether Stripe charged is unknown; the next try first looks for what this one made."""
    purchase = lock_purchase(session, message.payload["purchase_id"])
    proposal = session.get_one(Proposal, purchase.proposal_id)
    close_page(purchase, message.payload["session_id"])
    language = rep_language(session, proposal)
    hold(session, purchase, say(language, "billing.failed", reason=reason.said(language)))
