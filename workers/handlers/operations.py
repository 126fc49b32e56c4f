"""The money operations of one purchase at Stripe, each done once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from app.billing.purchases import is_waiting
from app.billing.steps import Made, Outcome, cancelling, check_over, once
from app.billing.stripe_events import metadata_of
from app.models import Operation, Proposal, Purchase
from app.plan_lines import BillingPlan
from app.providers.stripe.answers import InvoiceState, SubscriptionState
from app.providers.stripe.billing import StripeBilling
from app.runtime import Runtime

T = TypeVar("T", bound=Made)


@dataclass(frozen=True, slots=True)
class Operations:
    """What one method is charged with, for a purchase as it was read.

    Each looks for what an earlier key made before it takes another one; what was read a moment
    ago, or may be done twice without harm, needs no look.
    """

    runtime: Runtime
    stripe: StripeBilling
    purchase: Purchase
    proposal: Proposal
    method_id: str

    def subscribe(self, make: Callable[[Operation], SubscriptionState]) -> SubscriptionState | None:
        """The subscription of this generation; None if Stripe no longer knows it."""
        given = {"payment_method": self.method_id, "off_session": self._off_session}
        made = self._once("subscription", given, self._find_subscription, make)
        return made.answer or self.read_subscription(made.object_id)

    def earlier_subscription(self) -> SubscriptionState | None:
        """What an earlier try made, whose answer was lost; retryable while that is not certain."""
        found = self._find_subscription()
        if found is None:
            check_over(self.runtime.database, self.purchase, "subscription")
        return found

    def draft(self, plan: BillingPlan) -> InvoiceState | None:
        """The invoice of this generation; None if Stripe no longer knows it."""

        def make(operation: Operation) -> InvoiceState:
            return self.stripe.create_invoice(
                customer_id=self.purchase.stripe_customer_id,
                currency=plan.currency,
                payment_method_id=operation.given["payment_method"],
                metadata=self.metadata,
                operation_key=operation.operation_key,
            )

        given = {"payment_method": self.method_id}
        made = self._once("invoice", given, self._find_invoice, make)
        return made.answer or self.read_invoice(made.object_id)

    def add_lines(self, plan: BillingPlan, draft: InvoiceState) -> InvoiceState:
        """Put the lines on a draft that was just read; the state after it."""
        lines, currency = plan.one_off, plan.currency
        added = self._once(
            "lines",
            {},
            lambda: draft if draft.total_minor else None,
            lambda operation: self.stripe.add_lines(
                draft.id, lines, currency, operation.operation_key
            ),
        )
        return added.answer or draft

    def finalize(self, draft_id: str) -> InvoiceState:
        final = self._once(
            "finalize",
            {},
            lambda: None,
            lambda operation: self.stripe.finalize_invoice(draft_id, operation.operation_key),
        )
        return final.answer or self.stripe.retrieve_invoice(draft_id)

    def void(self, invoice_id: str) -> None:
        self._once(
            f"void:{invoice_id}",
            {},
            lambda: None,
            lambda operation: self.stripe.void_invoice(invoice_id, operation.operation_key),
        )

    def cancel(self, subscription_id: str) -> None:
        """End a subscription of which nothing was paid, before another one is made."""
        self._once(
            cancelling(subscription_id),
            {},
            lambda: None,
            lambda operation: self.stripe.cancel_subscription(
                subscription_id, operation.operation_key
            ),
        )

    def invoices(self, customer_id: str) -> list[InvoiceState]:
        """All of this generation, each read with its payment, newest first."""
        return list(self.stripe.find_invoices(customer_id, self.metadata))

    def subscriptions(self, customer_id: str) -> list[SubscriptionState]:
        """All of this generation, also the one we know if it lost our mark."""
        found = list(self.stripe.find_subscriptions(customer_id, self.metadata))
        known = self.purchase.stripe_subscription_id
        if known and known not in [one.id for one in found]:
            found += filter(None, [self.read_subscription(known)])
        return found

    def renew_with_method(self, subscription_id: str) -> None:
        self._once(
            f"subscription_method:{self.method_id}",
            {},
            lambda: None,
            lambda operation: self.stripe.set_subscription_method(
                subscription_id, self.method_id, operation.operation_key
            ),
        )

    def pay(self, invoice: InvoiceState) -> InvoiceState:
        """Charge an open invoice that was just read to the method."""
        paid = self._once(
            f"pay:{self.method_id}",
            {"off_session": self._off_session},
            lambda: invoice if invoice.was_tried_with(self.method_id) else None,
            lambda operation: self.stripe.pay_invoice(
                invoice.id,
                self.method_id,
                operation.operation_key,
                off_session=operation.given["off_session"],
            ),
        )
        return paid.answer or self.stripe.retrieve_invoice(invoice.id)

    def read_subscription(self, subscription_id: str) -> SubscriptionState | None:
        return self.stripe.find_subscription(subscription_id)

    def read_invoice(self, invoice_id: str) -> InvoiceState | None:
        return self.stripe.find_invoice(invoice_id)

    @property
    def metadata(self) -> dict[str, str]:
        """What the objects of this generation carry."""
        generation = {"propale_generation": str(self.purchase.generation)}
        return metadata_of(self.purchase, self.proposal) | generation

    @property
    def _off_session(self) -> bool:
        return not is_waiting(self.purchase)

    def _once(
        self,
        name: str,
        given: dict[str, Any],
        look: Callable[[], T | None],
        make: Callable[[Operation], T],
    ) -> Outcome[T]:
        return once(self.runtime.database, self.purchase, name, given, look=look, make=make)

    def _find_subscription(self) -> SubscriptionState | None:
        customer_id = self.purchase.stripe_customer_id
        return next(self.stripe.find_subscriptions(customer_id, self.metadata), None)

    def _find_invoice(self) -> InvoiceState | None:
        found = self.stripe.find_invoices(self.purchase.stripe_customer_id, self.metadata)
        return next((invoice for invoice in found if invoice.status != "void"), None)
