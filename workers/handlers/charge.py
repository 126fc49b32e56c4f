"""The Stripe calls that charge one method, each with an operation key stored before."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.billing.outcomes import apply_invoice, apply_subscription, begin_generation, hold
from app.billing.purchases import close_page, is_waiting, lock_purchase
from app.billing.steps import begin_again, begin_step, end_step, is_stale, may_be_under_way
from app.clock import wall_now
from app.db import ScopedSession
from app.errors import FailureKind, ProviderError
from app.language import say
from app.models import Proposal, Purchase, Step
from app.money import Money, format_money
from app.plan_lines import BillingPlan
from app.proposals.request import rep_language
from app.providers.stripe.answers import InvoiceState, SubscriptionState
from app.providers.stripe.billing import StripeBilling
from app.runtime import Runtime
from workers.handler import Effect
from workers.handlers.stripe_open_page import metadata_of


@dataclass(frozen=True, slots=True)
class Charge:
    """One method, entered on one Stripe page, against one purchase."""

    runtime: Runtime
    stripe: StripeBilling
    purchase: Purchase
    proposal: Proposal
    session_id: str
    method_id: str

    def subscribe(self, plan: BillingPlan) -> Effect:
        """Check the total, then make subscription and first invoice in one call."""
        step = self._begin_object("subscription", self._find_subscription)
        if step.object_id:
            return self._go_on(self.stripe.retrieve_subscription(step.object_id), step)
        preview = self.stripe.preview(plan, self.purchase.stripe_customer_id)
        wrong = self._wrong_sum(preview.currency, preview.total_minor, preview.amount_due_minor)
        if wrong:
            return self._hold(wrong)
        made = self.stripe.create_subscription(
            plan,
            customer_id=self.purchase.stripe_customer_id,
            payment_method_id=self.method_id,
            off_session=step.given["off_session"],
            metadata=self._metadata(),
            operation_key=step.operation_key,
        )
        end_step(self.runtime.database, step, made.id)
        return self._follow_subscription(made, self.method_id)

    def invoice(self, plan: BillingPlan) -> Effect:
        """Draft, all lines in one call, check the total, finalize, check again, pay."""
        step = self._begin_object("invoice", self._find_invoice)
        draft_id = step.object_id or self._draft(plan, step)
        added = self._add_lines(plan, draft_id)
        if added and (wrong := self._wrong(added)):
            self.stripe.delete_draft(draft_id)
            return self._hold(wrong)
        final = self.stripe.finalize_invoice(draft_id, self._begin("finalize").operation_key)
        if final.status == "open" and (wrong := self._wrong(final)):
            self.stripe.void_invoice(draft_id, self._begin("void").operation_key)
            return self._hold(wrong)
        return self.pay(draft_id, None)

    def pay(self, invoice_id: str, subscription_id: str | None) -> Effect:
        """Charge the unpaid invoice to this method; a subscription's renewals too."""
        if subscription_id:
            change = self._begin(f"subscription_method:{self.method_id}")
            self.stripe.set_subscription_method(
                subscription_id, self.method_id, change.operation_key
            )
        pay = self._begin(f"pay:{self.method_id}")
        state = self.stripe.pay_invoice(
            invoice_id, self.method_id, pay.operation_key, off_session=pay.given["off_session"]
        )
        now = self.runtime.clock.now()

        def follow(session: ScopedSession, purchase: Purchase) -> None:
            purchase.stripe_payment_method_id = self.method_id
            apply_invoice(session, purchase, state, now)

        return self._on_purchase(follow)

    def _go_on(self, made: SubscriptionState, step: Step) -> Effect:
        """An earlier call made it, but we never saw the answer; its method may be an older one."""
        invoice = made.latest_invoice
        if step.given["payment_method"] != self.method_id and invoice and invoice.status == "open":
            return self.pay(invoice.id, made.id)
        return self._follow_subscription(made, step.given["payment_method"])

    def _draft(self, plan: BillingPlan, step: Step) -> str:
        made = self.stripe.create_invoice(
            customer_id=self.purchase.stripe_customer_id,
            currency=plan.currency,
            payment_method_id=step.given["payment_method"],
            metadata=self._metadata(),
            operation_key=step.operation_key,
        )
        end_step(self.runtime.database, step, made.id)
        return made.id

    def _add_lines(self, plan: BillingPlan, draft_id: str) -> InvoiceState | None:
        """Put the lines on the draft, once; None if that was already done and checked."""
        step = begin_step(self.runtime.database, self.purchase, "lines", {})
        if step.done_at:
            return None
        if is_stale(step, wall_now()):
            state = self.stripe.retrieve_invoice(draft_id)
            if state.total_minor:
                end_step(self.runtime.database, step, draft_id)
                return state if state.status == "draft" else None
            step = begin_again(self.runtime.database, step, {})
        state = self.stripe.add_lines(draft_id, plan.one_off, plan.currency, step.operation_key)
        if not self._wrong(state):
            end_step(self.runtime.database, step, draft_id)
        return state

    def _begin_object(self, name: str, find: Callable[[], str | None]) -> Step:
        """Begin the step that makes the first object; after an unknown outcome, look first.

        The step belongs to the payment method it was begun with. Another method waits until no call
        with the old key can still be under way at Stripe. Then, as when the key is too old, we
        search Stripe, by our metadata, for what the step made.
        """
        given = self._given()
        step = begin_step(self.runtime.database, self.purchase, name, given)
        mine = step.given["payment_method"] == self.method_id
        if step.done_at or (mine and not is_stale(step, wall_now())):
            return step
        if not mine and may_be_under_way(step, wall_now()):
            raise ProviderError(
                "stripe", FailureKind.RETRYABLE, "a charge by an earlier method may be under way"
            )
        found = find()
        if found:
            return end_step(self.runtime.database, step, found)
        return begin_again(self.runtime.database, step, given)

    def _begin(self, name: str) -> Step:
        """Begin a step that Stripe itself does only once: finalize, void, pay, set a method."""
        step = begin_step(self.runtime.database, self.purchase, name, self._given())
        if is_stale(step, wall_now()):
            return begin_again(self.runtime.database, step, self._given())
        return step

    def _given(self) -> dict[str, Any]:
        return {"payment_method": self.method_id, "off_session": not is_waiting(self.purchase)}

    def _metadata(self) -> dict[str, str]:
        generation = {"propale_generation": str(self.purchase.generation)}
        return metadata_of(self.purchase, self.proposal) | generation

    def _find_subscription(self) -> str | None:
        found = self.stripe.find_subscription(self.purchase.stripe_customer_id, self._metadata())
        return found.id if found and found.status != "incomplete_expired" else None

    def _find_invoice(self) -> str | None:
        found = self.stripe.find_invoice(self.purchase.stripe_customer_id, self._metadata())
        return found.id if found and found.status != "void" else None

    def _wrong(self, state: InvoiceState) -> Money | None:
        return self._wrong_sum(state.currency, state.total_minor, state.amount_due_minor)

    def _wrong_sum(self, currency: str, *minors: int) -> Money | None:
        """The first of Stripe's sums that differs from the proposal's; None if none does."""
        sums = (Money(minor, currency) for minor in minors)
        return next((found for found in sums if found != self._ours()), None)

    def _ours(self) -> Money:
        return Money(self.proposal.due_now_minor, self.proposal.currency)

    def _hold(self, theirs: Money) -> Effect:
        """Nothing was charged; the next try begins with objects of its own."""

        def stop(session: ScopedSession, purchase: Purchase) -> None:
            language = rep_language(session, self.proposal)
            reason = say(
                language,
                "billing.held",
                ours=format_money(self._ours(), language),
                stripe=format_money(theirs, language),
            )
            begin_generation(purchase)
            hold(session, purchase, reason, theirs.minor)

        return self._on_purchase(stop)

    def _follow_subscription(self, made: SubscriptionState, method_id: str) -> Effect:
        now = self.runtime.clock.now()

        def follow(session: ScopedSession, purchase: Purchase) -> None:
            purchase.stripe_payment_method_id = method_id
            apply_subscription(session, purchase, made, now)

        return self._on_purchase(follow)

    def _on_purchase(self, change: Callable[[ScopedSession, Purchase], None]) -> Effect:
        def effect(session: ScopedSession) -> None:
            purchase = lock_purchase(session, self.purchase.id)
            close_page(purchase, self.session_id)
            change(session, purchase)

        return effect
