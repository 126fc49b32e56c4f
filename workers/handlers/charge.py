"""Charges one method: decides, by what Stripe says, which operation comes next."""

from collections.abc import Callable
from dataclasses import dataclass

from app.billing.outcomes import apply_invoice, apply_subscription, hold, is_first
from app.billing.purchases import close_page, lock_purchase
from app.billing.steps import cancelling, was_begun
from app.db import ScopedSession
from app.errors import FailureKind, ProviderError
from app.language import say
from app.models import Operation, Proposal, Purchase
from app.money import Money, format_money
from app.plan_lines import BillingPlan
from app.proposals.request import rep_language
from app.providers.stripe.answers import InvoiceState, Preview, SubscriptionState
from workers.handler import Effect
from workers.handlers.operations import Operations


class GenerationOver(Exception):  # noqa: N818  a finding, not a failure
    """Stripe no longer holds the first invoice or subscription, and no money came of it."""


class DifferentSum(Exception):  # noqa: N818  a finding, not a failure
    """Stripe would charge another sum than the proposal's; nothing was charged."""

    def __init__(self, theirs: Money) -> None:
        super().__init__(theirs)
        self.theirs = theirs


@dataclass(frozen=True, slots=True)
class Charge:
    """One method, entered on one Stripe page, against one purchase as it was read."""

    at_stripe: Operations
    session_id: str

    def bill(self, plan: BillingPlan) -> Effect:
        """Make the subscription or the invoice and charge it, or go on with what was made."""
        try:
            return self._subscribe(plan) if plan.recurring else self._invoice(plan)
        except DifferentSum as wrong:
            return self._hold(wrong.theirs)

    def pay_first(self) -> Effect:
        """Charge the unpaid first invoice to this method; nothing new is made."""
        if self._purchase.stripe_subscription_id:
            known = self.at_stripe.read_subscription(self._purchase.stripe_subscription_id)
            return self._go_on(known)
        return self._pay(self.at_stripe.read_invoice(self._purchase.stripe_invoice_id or ""))

    def _subscribe(self, plan: BillingPlan) -> Effect:
        """Check the total, then make subscription and first invoice in one call."""

        def make(operation: Operation) -> SubscriptionState:
            stripe, customer_id = self.at_stripe.stripe, self._purchase.stripe_customer_id
            self._compare(stripe.preview(plan, customer_id))
            return stripe.create_subscription(
                plan,
                customer_id=customer_id,
                payment_method_id=operation.given["payment_method"],
                off_session=operation.given["off_session"],
                metadata=self.at_stripe.metadata,
                operation_key=operation.operation_key,
            )

        try:
            subscription = self.at_stripe.subscribe(make)
        except DifferentSum:
            # An earlier try, whose answer was lost, may have charged before the sum changed.
            subscription = self.at_stripe.earlier_subscription()
            if subscription is None:
                raise
        return self._go_on(subscription)

    def _go_on(self, subscription: SubscriptionState | None) -> Effect:
        """Charge its unpaid first invoice if this method was not tried on it yet; else follow it.

        An unpaid renewal is charged nothing: she was shown the first sum. Stripe's own retries
        take her new method, and she is sent the renewal's page.
        """
        if subscription is None or self._is_over(subscription):
            return self._end_generation(self._purchase.stripe_customer_id)
        first = self._first_of(subscription)
        if first and subscription.status != "canceled" and self._may_be_charged(first):
            return self._pay(first)
        now = self.at_stripe.runtime.clock.now()

        def follow(session: ScopedSession, purchase: Purchase) -> None:
            if first:
                apply_invoice(session, purchase, first, now)
            apply_subscription(session, purchase, subscription, now)

        return self._on_purchase(follow)

    def _is_over(self, subscription: SubscriptionState) -> bool:
        """Whether it lapsed unpaid, or we began to end it before this message was cut off."""
        if subscription.status != "canceled":
            return subscription.status == "incomplete_expired"
        with self.at_stripe.runtime.database.reading(self._purchase.tenant_id) as session:
            return was_begun(session, self._purchase, cancelling(subscription.id))

    def _first_of(self, subscription: SubscriptionState) -> InvoiceState | None:
        """Its first invoice, which need not be its newest."""
        newest, known = subscription.latest_invoice, self._purchase.stripe_invoice_id
        if newest and is_first(self._purchase, newest):
            return newest
        if known:
            return self.at_stripe.read_invoice(known)
        made = self.at_stripe.invoices(subscription.customer_id)
        return next((one for one in made if is_first(self._purchase, one)), None)

    def _may_be_charged(self, invoice: InvoiceState) -> bool:
        return not invoice.holds_money and not invoice.was_tried_with(self.at_stripe.method_id)

    def _invoice(self, plan: BillingPlan) -> Effect:
        """Draft, all lines in one call, check the total, finalize, check again, pay."""
        draft = self.at_stripe.draft(plan)
        if draft is None or draft.status != "draft":
            return self._pay(draft)
        filled = self.at_stripe.add_lines(plan, draft)
        self._compare(filled, undo=lambda: self.at_stripe.stripe.delete_draft(draft.id))
        final = self.at_stripe.finalize(draft.id)
        if final.status == "open":
            self._compare(final, undo=lambda: self.at_stripe.void(final.id))
        return self._pay(final)

    def _pay(self, invoice: InvoiceState | None) -> Effect:
        """Charge an invoice that was just read to this method; a subscription's renewals too."""
        if invoice is None or invoice.status not in ("open", "paid"):
            return self._end_generation(self._purchase.stripe_customer_id)
        if invoice.holds_money:
            return self._follow(invoice)
        if invoice.customer_id != self._purchase.stripe_customer_id:
            return self._end_generation(invoice.customer_id or "")
        if invoice.subscription_id:
            self.at_stripe.renew_with_method(invoice.subscription_id)
        return self._follow(self.at_stripe.pay(invoice))

    def _end_generation(self, customer_id: str) -> Effect:
        """Follow what money came of this generation; if none did, raise `GenerationOver`.

        Before that everything of it is read, then whatever could still charge is ended.
        """
        invoices = self.at_stripe.invoices(customer_id)
        subscriptions = self.at_stripe.subscriptions(customer_id)
        holding = [invoice for invoice in invoices if invoice.holds_money]
        if holding:
            # The oldest. A renewal stands for a first invoice that the seller took back.
            return self._follow(holding[-1])
        if any(invoice.status == "draft" and invoice.subscription_id for invoice in invoices):
            raise _renewal_coming()
        for invoice in invoices:
            if invoice.status in ("open", "uncollectible"):
                self.at_stripe.void(invoice.id)
        for subscription in subscriptions:
            if not subscription.has_ended:
                self.at_stripe.cancel(subscription.id)
        raise GenerationOver

    def _compare(
        self, theirs: InvoiceState | Preview, undo: Callable[[], None] = lambda: None
    ) -> None:
        """Raise `DifferentSum`, after `undo`, if one of Stripe's sums is not the proposal's."""
        for minor in (theirs.total_minor, theirs.amount_due_minor):
            found = Money(minor, theirs.currency)
            if found != self._ours:
                undo()
                raise DifferentSum(found)

    def _hold(self, theirs: Money) -> Effect:
        """Nothing was charged; the next try reads again what there is."""

        def stop(session: ScopedSession, purchase: Purchase) -> None:
            language = rep_language(session, self._proposal)
            reason = say(
                language,
                "billing.held",
                ours=format_money(self._ours, language),
                stripe=format_money(theirs, language),
            )
            hold(session, purchase, reason, theirs.minor)

        return self._on_purchase(stop)

    def _follow(self, invoice: InvoiceState) -> Effect:
        """Apply the invoice: whatever was known before, this is the purchase's first one."""
        now = self.at_stripe.runtime.clock.now()

        def follow(session: ScopedSession, purchase: Purchase) -> None:
            purchase.stripe_invoice_id = invoice.id
            apply_invoice(session, purchase, invoice, now)

        return self._on_purchase(follow)

    def _on_purchase(self, change: Callable[[ScopedSession, Purchase], None]) -> Effect:
        def effect(session: ScopedSession) -> None:
            purchase = lock_purchase(session, self._purchase.id)
            close_page(purchase, self.session_id)
            change(session, purchase)

        return effect

    @property
    def _purchase(self) -> Purchase:
        return self.at_stripe.purchase

    @property
    def _proposal(self) -> Proposal:
        return self.at_stripe.proposal

    @property
    def _ours(self) -> Money:
        return Money(self._proposal.due_now_minor, self._proposal.currency)


def _renewal_coming() -> ProviderError:
    """Stripe charges a renewal's draft within the hour, even of a subscription that has ended.

    https://docs.stripe.com/api/subscriptions/cancel
    """
    return ProviderError("stripe", FailureKind.RETRYABLE, "a renewal is about to be charged")
