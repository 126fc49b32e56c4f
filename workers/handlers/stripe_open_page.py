"""After the acceptance: makes the Stripe customer if needed and opens the page for the method."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

from app.accounts.clients import stripe_client
from app.accounts.stripe_standing import note_methods
from app.billing.ladder import METHOD_OPEN
from app.billing.purchases import lock_purchase
from app.billing.steps import once
from app.billing.stripe_events import metadata_of
from app.db import ScopedSession
from app.errors import FailureKind, ProviderError
from app.language import say
from app.messages import Claimed
from app.methods import methods_for
from app.models import Operation, Preferences, Proposal, Purchase
from app.proposals.content import amounts_of
from app.proposals.projection import show_in_crm
from app.proposals.request import rep_language
from app.providers.stripe.answers import Session
from app.providers.stripe.billing import StripeBilling
from app.providers.stripe.failures import MISSING
from app.reasons import Reason
from app.runtime import Runtime
from app.trail import note
from workers.handler import Effect, nothing_more
from workers.handlers.buyer import Buyer

PAGE_LIFE = timedelta(hours=23)


def work(runtime: Runtime, message: Claimed) -> Effect:
    """payload: `purchase_id`, `page_number`."""
    number = message.payload["page_number"]
    with runtime.database.reading(message.tenant_id) as session:
        purchase = session.get_one(Purchase, message.payload["purchase_id"])
        proposal = session.get_one(Proposal, purchase.proposal_id)
        note(proposal=proposal.number)
    if purchase.page_number != number or purchase.status not in METHOD_OPEN:
        return nothing_more
    if purchase.stripe_page_url:
        return nothing_more  # already open; a new page would close it
    stripe = stripe_client(runtime, message.tenant_id)
    if purchase.stripe_session_id:
        stripe.expire_session(purchase.stripe_session_id)
    try:
        customer_id, page = _open_for_buyer(runtime, stripe, purchase, proposal)
    except ProviderError as failure:
        switched_on = _switched_on_instead(stripe, purchase, proposal, failure)
        return lambda session: _offer(session, purchase.id, number, switched_on)
    page = replace(page, expires_at=min(page.expires_at, runtime.clock.now() + PAGE_LIFE))
    return lambda session: _keep(session, purchase.id, number, customer_id, page)


def _switched_on_instead(
    stripe: StripeBilling, purchase: Purchase, proposal: Proposal, failure: ProviderError
) -> set[str]:
    """The methods Stripe takes, if it refused the page because hers was switched off."""
    if failure.kind is not FailureKind.PERMANENT:
        raise failure
    switched_on = stripe.list_methods()
    if purchase.method in methods_for(proposal.currency, switched_on):
        raise failure
    return switched_on


def _open_for_buyer(
    runtime: Runtime, stripe: StripeBilling, purchase: Purchase, proposal: Proposal
) -> tuple[str, Session]:
    """Open the page for the purchase's customer; a new one if Stripe no longer knows that one."""
    buyer = Buyer(runtime, stripe, proposal)
    customer_id = purchase.stripe_customer_id or buyer.customer_id()
    try:
        return customer_id, _open(runtime, stripe, purchase, proposal, customer_id)
    except ProviderError as failure:
        if failure.code != MISSING:
            raise
    buyer.forget(customer_id)
    customer_id = buyer.customer_id()
    return customer_id, _open(runtime, stripe, purchase, proposal, customer_id)


def _open(
    runtime: Runtime,
    stripe: StripeBilling,
    purchase: Purchase,
    proposal: Proposal,
    customer_id: str,
) -> Session:
    token = runtime.sealer.open(purchase.tenant_id, "return_token", purchase.sealed_return_token)
    back = f"{runtime.settings.public_url}/r/{token}"
    marks = {**metadata_of(purchase, proposal), "propale_page": str(purchase.page_number)}

    def make(operation: Operation) -> Session:
        return stripe.create_setup_session(
            customer_id=customer_id,
            method=purchase.method,
            currency=proposal.currency,
            success_url=f"{back}?done=1",
            cancel_url=back,
            locale=proposal.language,
            metadata=marks,
            message=_words(proposal),
            operation_key=operation.operation_key,
        )

    opened = once(
        runtime.database,
        purchase,
        f"page:{purchase.page_number}",
        {"method": purchase.method},
        look=lambda: stripe.find_open_session(customer_id, marks),
        make=make,
    )
    return opened.answer or stripe.retrieve_session(opened.object_id)


def _words(proposal: Proposal) -> str:
    """The text at the button on Stripe's page: which proposal, how much now and later."""
    amounts = amounts_of(proposal, proposal.language)
    key = "billing.stripe_recurring" if amounts.recurring else "billing.stripe_once"
    return say(
        proposal.language,
        key,
        number=proposal.number,
        due_now=amounts.due_now,
        recurring=amounts.recurring,
    )


def _keep(
    session: ScopedSession, purchase_id: int, number: int, customer_id: str, page: Session
) -> None:
    purchase = lock_purchase(session, purchase_id)
    if purchase.page_number != number:
        return
    shown = bool(purchase.problem) or not purchase.stripe_customer_id
    purchase.stripe_customer_id = customer_id
    purchase.stripe_session_id = page.id
    purchase.stripe_page_url = page.url
    purchase.page_expires_at = page.expires_at
    purchase.problem = ""
    if shown:
        show_in_crm(session, session.get_one(Proposal, purchase.proposal_id).deal_id)


def _offer(
    session: ScopedSession, purchase_id: int, number: int, switched_on: Collection[str]
) -> None:
    """Offer what works and the seller wants; the customer's page says that hers is gone."""
    purchase = lock_purchase(session, purchase_id)
    if purchase.page_number != number:
        return
    note_methods(session, switched_on)
    proposal = session.get_one(Proposal, purchase.proposal_id)
    chosen = session.get_one(Preferences, session.scope).methods
    proposal.methods = methods_for(proposal.currency, switched_on, chosen)
    purchase.method = ""
    if not proposal.methods:
        purchase.problem = say(rep_language(session, proposal), "billing.no_methods")
    session.flush()
    show_in_crm(session, proposal.deal_id)


def when_dead(session: ScopedSession, message: Claimed, reason: Reason) -> None:
    """Tell the rep, on card and deal, that Stripe's newest page could not be opened."""
    purchase = lock_purchase(session, message.payload["purchase_id"])
    if purchase.page_number != message.payload["page_number"]:
        return
    proposal = session.get_one(Proposal, purchase.proposal_id)
    language = rep_language(session, proposal)
    purchase.problem = say(language, "billing.page_failed", reason=reason.said(language))
    session.flush()
    show_in_crm(session, proposal.deal_id)
