"""Before the mail goes: Stripe must compute the frozen total, to the cent."""

from dataclasses import dataclass

from app.accounts.clients import stripe_client
from app.accounts.connections import get_connection
from app.accounts.stripe_standing import note_methods
from app.db import ScopedSession
from app.language import say
from app.messages import Claimed
from app.methods import methods_for
from app.models import Preferences, Proposal
from app.money import Money, format_money
from app.proposals.lifecycle import ProposalStatus
from app.proposals.request import rep_language
from app.proposals.send import refuse_draft, send_proposal
from app.providers.stripe.answers import Preview
from app.reasons import Reason
from app.runtime import Runtime
from app.trail import note
from workers.handler import Effect, nothing_more
from workers.handlers.buyer import Buyer
from workers.handlers.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Checked:
    """What Stripe said: its figures, the methods it has switched on; notes for the card."""

    preview: Preview
    switched_on: set[str]
    notes: list[str]


def work(runtime: Runtime, message: Claimed) -> Effect:
    """payload: `proposal_id`."""
    with runtime.database.reading(message.tenant_id) as session:
        proposal = session.get_one(Proposal, message.payload["proposal_id"])
        note(proposal=proposal.number)
        account_id = get_connection(session, "stripe").account_id
    if proposal.status != ProposalStatus.DRAFT:
        return nothing_more
    stripe = stripe_client(runtime, message.tenant_id)
    customer_id, notes = Buyer(runtime, stripe, proposal).look()
    catalogue = Catalogue(runtime, stripe, message.tenant_id, account_id)
    preview = catalogue.with_plan(
        proposal, lambda plan: stripe.preview(plan, customer_id, {"address": {}})
    )
    checked = Checked(preview, stripe.list_methods(), notes)
    return lambda session: _decide(session, runtime, proposal.id, checked)


def _decide(session: ScopedSession, runtime: Runtime, proposal_id: int, checked: Checked) -> None:
    proposal = session.get_one(Proposal, proposal_id)
    note_methods(session, checked.switched_on)
    chosen = session.get_one(Preferences, session.scope).methods
    methods = methods_for(proposal.currency, checked.switched_on, chosen)
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
    elif not methods:
        refuse_draft(session, proposal, say(language, "card.no_methods"))
    else:
        send_proposal(
            session,
            runtime.sealer,
            proposal,
            methods=methods,
            notes=checked.notes,
            now=runtime.clock.now(),
        )


def when_dead(session: ScopedSession, message: Claimed, reason: Reason) -> None:
    """Refuse the draft: nothing is sent, and the card says why."""
    proposal = session.get_one(Proposal, message.payload["proposal_id"])
    language = rep_language(session, proposal)
    words = say(language, "card.stripe_failed", reason=reason.said(language))
    refuse_draft(session, proposal, words)
