"""Before the mail goes: Stripe must compute the frozen total, to the cent."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.accounts.clients import stripe_client
from app.accounts.connections import get_connection
from app.billing.mirrors import buyer_mark, buyer_of, forget_mirror, keep_mirror, mirror, rate_key
from app.billing.plan import billing_plan
from app.db import ScopedSession
from app.language import say
from app.messages import Claimed
from app.methods import methods_for
from app.models import Proposal
from app.money import Money, format_money
from app.plan_lines import BillingPlan
from app.proposals.lifecycle import ProposalStatus
from app.proposals.request import rep_language
from app.proposals.send import refuse_draft, send_proposal
from app.providers.stripe.answers import Preview
from app.providers.stripe.billing import StripeBilling
from app.reasons import Reason
from app.runtime import Runtime
from workers.handler import Effect, nothing_more


@dataclass(frozen=True, slots=True)
class Checked:
    """What Stripe said: its figures, the methods it offers, notes for the card."""

    preview: Preview
    methods: list[str]
    notes: list[str]


def work(runtime: Runtime, message: Claimed) -> Effect:
    """payload: `proposal_id`."""
    with runtime.database.reading(message.tenant_id) as session:
        proposal = session.get_one(Proposal, message.payload["proposal_id"])
        account_id = get_connection(session, "stripe").account_id
    if proposal.status != ProposalStatus.DRAFT:
        return nothing_more
    stripe = stripe_client(runtime, message.tenant_id)
    plan = prepare_plan(runtime, stripe, proposal, account_id)
    customer_id, notes = _look_for_customer(runtime, stripe, proposal, account_id)
    preview = stripe.preview(plan, customer_id, {"address": {}})
    offered = stripe.list_methods()
    methods = methods_for(proposal.currency, offered)
    checked = Checked(preview, methods, notes)
    return lambda session: _decide(session, runtime, proposal.id, checked)


def prepare_plan(
    runtime: Runtime, stripe: StripeBilling, proposal: Proposal, account_id: str
) -> BillingPlan:
    """Make the document's missing products and tax rates in Stripe; return the lines to bill."""
    products: dict[str, str] = {}
    rates: dict[str, str] = {}
    for line in proposal.document["lines"]:
        products[line["product_key"]] = _product(runtime, stripe, proposal, account_id, line)
        if line["tax_rate_id"]:
            rates[line["tax_rate_id"]] = _tax_rate(runtime, stripe, proposal, account_id, line)
    return billing_plan(proposal.document, products, rates)


Line = Mapping[str, Any]


def _product(
    runtime: Runtime, stripe: StripeBilling, proposal: Proposal, account_id: str, line: Line
) -> str:
    database, tenant_id = runtime.database, proposal.tenant_id
    given = {"name": line["name"]}
    known = mirror(database, tenant_id, account_id, "product", line["product_key"], given=given)
    if known.stripe_id:
        return known.stripe_id
    marks = {"propale_product": known.our_key[:500]}
    made = stripe.create_product(known.given["name"], marks, known.operation_key)
    return keep_mirror(database, tenant_id, known, made)


def _tax_rate(
    runtime: Runtime, stripe: StripeBilling, proposal: Proposal, account_id: str, line: Line
) -> str:
    database, tenant_id = runtime.database, proposal.tenant_id
    given = {"label": line["tax_label"], "percentage": line["tax_percentage"]}
    known = mirror(database, tenant_id, account_id, "tax_rate", rate_key(line), given=given)
    if known.stripe_id:
        return known.stripe_id
    label, percentage = known.given["label"], known.given["percentage"]
    marks = {"propale_tax_rate": known.our_key}
    made = stripe.create_tax_rate(label, percentage, known.operation_key, marks)
    return keep_mirror(database, tenant_id, known, made)


def _look_for_customer(
    runtime: Runtime, stripe: StripeBilling, proposal: Proposal, account_id: str
) -> tuple[str | None, list[str]]:
    """Find the buyer's customer by our table or our metadata. The same e-mail is only a note."""
    key = buyer_of(proposal.document)
    tenant_id = proposal.tenant_id
    known = mirror(runtime.database, tenant_id, account_id, "customer", key)
    if known.stripe_id:
        customer = stripe.find_customer(known.stripe_id)
        if customer and not customer.deleted:
            credit = bool(customer.balance_minor) or customer.has_discount
            keep_mirror(runtime.database, tenant_id, known, customer.id, has_credit=credit)
            return customer.id, ["customer_credit"] if credit else []
        forget_mirror(runtime.database, tenant_id, known)
    with runtime.database.reading(tenant_id) as session:
        mark = buyer_mark(session, key)
    same_email = stripe.find_customers_by_email(proposal.recipient_email)
    for customer in same_email:
        if mark.items() <= customer.metadata.items():
            keep_mirror(runtime.database, tenant_id, known, customer.id)
            return customer.id, []
    return None, ["email_known"] if same_email else []


def _decide(session: ScopedSession, runtime: Runtime, proposal_id: int, checked: Checked) -> None:
    proposal = session.get_one(Proposal, proposal_id)
    language = rep_language(session, proposal)
    ours = Money(proposal.due_now_minor, proposal.currency)
    theirs = Money(checked.preview.total_minor, checked.preview.currency)
    if theirs != ours:
        reason = say(
            language,
            "card.stripe_differs",
            ours=format_money(ours, language),
            stripe=format_money(theirs, language),
        )
        refuse_draft(session, proposal, reason)
    elif not checked.methods:
        refuse_draft(session, proposal, say(language, "card.no_methods"))
    else:
        send_proposal(
            session,
            runtime.sealer,
            proposal,
            methods=checked.methods,
            notes=checked.notes,
            now=runtime.clock.now(),
        )


def when_dead(session: ScopedSession, message: Claimed, reason: Reason) -> None:
    """Refuse the draft: nothing is sent, and the card says why."""
    proposal = session.get_one(Proposal, message.payload["proposal_id"])
    language = rep_language(session, proposal)
    words = say(language, "card.stripe_failed", reason=reason.said(language))
    refuse_draft(session, proposal, words)
