"""Subscriptions: made with their first invoice, read back, given another method."""

from collections.abc import Iterator, Mapping
from typing import Any

from app.errors import FailureKind, ProviderError
from app.plan_lines import BillingPlan
from app.providers.stripe.answers import InvoiceState, SubscriptionState
from app.providers.stripe.bodies import first_invoice_items, recurring_items
from app.providers.stripe.failures import none_if_gone
from app.providers.stripe.invoice_calls import InvoiceCalls
from app.providers.stripe.reading import identity, invoice_state, subscription_state


class SubscriptionCalls(InvoiceCalls):
    def create_subscription(
        self,
        plan: BillingPlan,
        *,
        customer_id: str,
        payment_method_id: str,
        off_session: bool,
        metadata: Mapping[str, str],
        operation_key: str,
    ) -> SubscriptionState:
        """Start the subscription; its first invoice is finalized and charged inside the call.

        One call, a second where the charge did not go through at once: a decline or a wait for
        3DS is a result, in `latest_invoice`. https://docs.stripe.com/api/subscriptions/create
        """
        params: dict[str, Any] = {
            "customer": customer_id,
            "currency": plan.currency.lower(),
            "items": recurring_items(plan),
            "default_payment_method": payment_method_id,
            # If she pays on Stripe's invoice page with another method, that pays renewals too.
            "payment_settings": {"save_default_payment_method": "on_subscription"},
            "off_session": off_session,
            "payment_behavior": "allow_incomplete",
            "billing_mode": {"type": "flexible"},
            "metadata": dict(metadata),
            "expand": ["latest_invoice"],
        }
        if plan.one_off:
            params["add_invoice_items"] = first_invoice_items(plan)
        operation = self._v1.subscriptions.create
        return self._state(self._write(operation, params=params, operation_key=operation_key))

    def retrieve_subscription(self, subscription_id: str) -> SubscriptionState:
        """Read a subscription and its latest invoice. Unknown: code `resource_missing`.

        https://docs.stripe.com/api/subscriptions/retrieve
        """
        params = {"expand": ["latest_invoice"]}
        return self._state(
            self._read(self._v1.subscriptions.retrieve, subscription_id, params=params)
        )

    def find_subscription(self, subscription_id: str) -> SubscriptionState | None:
        """Read a subscription and its latest invoice; None where it is gone."""
        return none_if_gone(lambda: self.retrieve_subscription(subscription_id))

    def set_subscription_method(
        self, subscription_id: str, payment_method_id: str, operation_key: str
    ) -> SubscriptionState:
        """Charge renewals to another method; existing invoices keep their method, and are not read.

        https://docs.stripe.com/api/subscriptions/update
        """
        params = {"default_payment_method": payment_method_id}
        operation = self._v1.subscriptions.update
        changed = self._write(
            operation, subscription_id, params=params, operation_key=operation_key
        )
        return subscription_state(changed, None)

    def cancel_subscription(self, subscription_id: str, operation_key: str) -> SubscriptionState:
        """End it now: nothing is charged, prorated or credited. One that has ended is returned.

        Stripe stops collecting its finalized invoices, not its drafts.
        https://docs.stripe.com/api/subscriptions/cancel
        """
        operation = self._v1.subscriptions.cancel
        try:
            ended = self._write(operation, subscription_id, operation_key=operation_key)
            return subscription_state(ended, None)
        except ProviderError as failure:
            if failure.kind is not FailureKind.PERMANENT:
                raise
            known = self.retrieve_subscription(subscription_id)
            if not known.has_ended:
                raise
            return known

    def find_subscriptions(
        self, customer_id: str, metadata: Mapping[str, str]
    ) -> Iterator[SubscriptionState]:
        """Look for the customer's subscriptions that carry all of `metadata`, newest first.

        Ended ones too. A customer whom the account does not know has none.
        https://docs.stripe.com/api/subscriptions/list
        """
        params = {"customer": customer_id, "status": "all", "limit": 100}
        while True:
            page = none_if_gone(lambda: self._read(self._v1.subscriptions.list, params=params))
            if page is None:
                return
            for found in page["data"]:
                if metadata.items() <= (found.get("metadata") or {}).items():
                    yield self.retrieve_subscription(found["id"])
            if not page.get("has_more"):
                return
            params["starting_after"] = page["data"][-1]["id"]

    def _state(self, subscription: Mapping[str, Any]) -> SubscriptionState:
        return subscription_state(subscription, self._latest(subscription.get("latest_invoice")))

    def _latest(self, invoice: object) -> InvoiceState | None:
        if not isinstance(invoice, Mapping):
            known = identity(invoice)
            return self.retrieve_invoice(known) if known else None
        # The payment lies one level deeper than Stripe expands from a subscription.
        if invoice.get("status") == "open":
            return self.retrieve_invoice(str(invoice["id"]))
        return invoice_state(invoice)
