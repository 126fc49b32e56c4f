"""A Stripe page is complete: set the method on our own object and charge, once.

Recurring: subscription with its first invoice, one-off lines on it. One-off only: an invoice.
While an unpaid first invoice exists, a new method never makes new objects: it pays that one.
"""

from collections.abc import Callable
from dataclasses import dataclass

from app.accounts.clients import stripe_client
from app.accounts.connections import get_connection
from app.billing.ladder import METHOD_OPEN
from app.billing.outcomes import apply_invoice, apply_subscription, begin_generation, hold
from app.billing.purchases import is_waiting
from app.billing.steps import begin_step, end_step
from app.db import ScopedSession
from app.language import say
from app.messages import Claimed
from app.models import Proposal, Purchase, Step
from app.money import Money, format_money
from app.plan_lines import BillingPlan
from app.providers.stripe.answers import InvoiceState, SubscriptionState
from app.providers.stripe.billing import StripeBilling
from app.runtime import Runtime
from workers.handler import Effect, nothing_more
from workers.handlers.stripe_check_proposal import prepare_plan
from workers.handlers.stripe_open_page import metadata_of


def work(runtime: Runtime, message: Claimed) -> Effect:
    with runtime.database.reading(message.tenant_id) as session:
        purchase = session.get_one(Purchase, message.payload["purchase_id"])
        proposal = session.get_one(Proposal, purchase.proposal_id)
        account_id = get_connection(session, "stripe").account_id
    if purchase.status not in METHOD_OPEN:
        return nothing_more  # money ran: the page's other occasion was billed
    stripe = stripe_client(runtime, message.tenant_id)
    setup = stripe.retrieve_session(message.payload["session_id"])
    method_id = setup.payment_method_id
    if setup.status != "complete" or setup.setup_status != "succeeded" or method_id is None:
        return nothing_more
    if purchase.stripe_payment_method_id == method_id:
        return nothing_more  # this very page was billed
    charge = Charge(runtime, stripe, purchase, proposal, method_id)
    if purchase.stripe_invoice_id:
        return charge.existing_invoice(purchase.stripe_invoice_id)
    plan = prepare_plan(runtime, stripe, proposal, account_id)
    return charge.subscription(plan) if plan.recurring else charge.invoice(plan)


@dataclass(frozen=True, slots=True)
class Charge:
    """The calls that turn one method into one charge, each under a stored key."""

    runtime: Runtime
    stripe: StripeBilling
    purchase: Purchase
    proposal: Proposal
    method_id: str

    def subscription(self, plan: BillingPlan) -> Effect:
        """Check the sum, then subscription and first invoice in one call."""
        preview = self.stripe.preview(plan, self.purchase.stripe_customer_id)
        due = Money(preview.amount_due_minor, preview.currency)
        if due != self._ours():
            return self._hold(due)
        step = self._begin("subscription")
        made = self.stripe.create_subscription(
            plan,
            customer_id=self.purchase.stripe_customer_id,
            payment_method_id=step.given["payment_method"],
            off_session=step.given["off_session"],
            metadata=metadata_of(self.purchase, self.proposal),
            operation_key=step.operation_key,
        )
        end_step(self.runtime.database, step, made.id)
        return self._follow_subscription(made, step.given["payment_method"])

    def invoice(self, plan: BillingPlan) -> Effect:
        """Draft, all lines in one call, check the sum, finalize, check again, pay."""
        step = self._begin("invoice")
        method_id = step.given["payment_method"]
        draft_id = step.object_id or self._draft(plan, step)
        lines = self._begin("lines")
        if not lines.done_at:
            state = self.stripe.add_lines(
                draft_id, plan.one_off, plan.currency, lines.operation_key
            )
            if self._due(state) != self._ours():
                self.stripe.delete_draft(draft_id)
                return self._hold(self._due(state))
            end_step(self.runtime.database, lines, draft_id)
        state = self.stripe.finalize_invoice(draft_id, self._begin("finalize").operation_key)
        if state.status == "open" and self._due(state) != self._ours():
            self.stripe.void_invoice(draft_id, self._begin("void").operation_key)
            return self._hold(self._due(state))
        pay = self._begin(f"pay:{method_id}")
        state = self.stripe.pay_invoice(
            draft_id, method_id, pay.operation_key, off_session=pay.given["off_session"]
        )
        return self._follow_invoice(state, method_id)

    def existing_invoice(self, invoice_id: str) -> Effect:
        """Another method for the invoice that is still unpaid."""
        pay = self._begin(f"pay:{self.method_id}")
        if self.purchase.stripe_subscription_id:
            change = self._begin(f"subscription_method:{self.method_id}")
            self.stripe.set_subscription_method(
                self.purchase.stripe_subscription_id, self.method_id, change.operation_key
            )
        state = self.stripe.pay_invoice(
            invoice_id, self.method_id, pay.operation_key, off_session=pay.given["off_session"]
        )
        return self._follow_invoice(state, self.method_id)

    def _draft(self, plan: BillingPlan, step: Step) -> str:
        made = self.stripe.create_invoice(
            customer_id=self.purchase.stripe_customer_id,
            currency=plan.currency,
            payment_method_id=step.given["payment_method"],
            metadata=metadata_of(self.purchase, self.proposal),
            operation_key=step.operation_key,
        )
        end_step(self.runtime.database, step, made.id)
        return made.id

    def _begin(self, name: str) -> Step:
        given = {"payment_method": self.method_id, "off_session": not is_waiting(self.purchase)}
        return begin_step(
            self.runtime.database,
            self.purchase.tenant_id,
            self.purchase.id,
            f"{self.purchase.generation}:{name}",
            given,
        )

    def _ours(self) -> Money:
        return Money(self.proposal.due_now_minor, self.proposal.currency)

    def _due(self, state: InvoiceState) -> Money:
        return Money(state.amount_due_minor, state.currency)

    def _hold(self, theirs: Money) -> Effect:
        language = self.proposal.language
        reason = say(
            language,
            "billing.held",
            ours=format_money(self._ours(), language),
            stripe=format_money(theirs, language),
        )

        def stop(session: ScopedSession, purchase: Purchase) -> None:
            begin_generation(purchase)
            hold(session, purchase, reason, theirs.minor)

        return self._on_purchase(stop)

    def _follow_subscription(self, made: SubscriptionState, method_id: str) -> Effect:
        now = self.runtime.clock.now()

        def follow(session: ScopedSession, purchase: Purchase) -> None:
            purchase.stripe_payment_method_id = method_id
            apply_subscription(session, purchase, made, now)

        return self._on_purchase(follow)

    def _follow_invoice(self, state: InvoiceState, method_id: str) -> Effect:
        now = self.runtime.clock.now()

        def follow(session: ScopedSession, purchase: Purchase) -> None:
            purchase.stripe_payment_method_id = method_id
            apply_invoice(session, purchase, state, now)

        return self._on_purchase(follow)

    def _on_purchase(self, change: Callable[[ScopedSession, Purchase], None]) -> Effect:
        return lambda session: change(session, session.get_one(Purchase, self.purchase.id))


def when_dead(session: ScopedSession, message: Claimed, reason: str) -> None:
    purchase = session.get_one(Purchase, message.payload["purchase_id"])
    proposal = session.get_one(Proposal, purchase.proposal_id)
    hold(session, purchase, say(proposal.language, "billing.failed", reason=reason[:300]))
