"""Before money moves: Stripe's own calculation, and the page where a method is entered."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from app.errors import ProviderError
from app.plan_lines import BillingPlan
from app.providers.stripe.answers import Preview, Session
from app.providers.stripe.bodies import described_items, recurring_items, without_blanks
from app.providers.stripe.connection import Connection
from app.providers.stripe.failures import MISSING_PERMISSION, none_if_gone
from app.providers.stripe.reading import identity, instant


class SetupCalls(Connection):
    def preview(
        self,
        plan: BillingPlan,
        customer_id: str | None,
        customer_details: Mapping[str, Any] | None = None,
    ) -> Preview:
        """Ask what the plan would invoice now: for a customer, else for `customer_details`.

        `customer_details` is Stripe's hash, of which we send `address`.
        https://docs.stripe.com/api/invoices/create_preview
        """
        params: dict[str, Any] = {"currency": plan.currency.lower()}
        if customer_id is not None:
            params["customer"] = customer_id
        else:
            address = (customer_details or {}).get("address") or {}
            params["customer_details"] = {"address": without_blanks(address) or ""}
        if plan.recurring:
            params["subscription_details"] = {
                "items": recurring_items(plan),
                "billing_mode": {"type": "flexible"},
            }
        if plan.one_off:
            params["invoice_items"] = described_items(plan.one_off, plan.currency)
        invoice = self._read(self._v1.invoices.create_preview, params=params)
        return Preview(invoice["total"], invoice["amount_due"], invoice["currency"].upper())

    def create_setup_session(
        self,
        *,
        customer_id: str,
        method: str,
        currency: str,
        success_url: str,
        cancel_url: str,
        locale: str,
        metadata: Mapping[str, str],
        message: str,
        operation_key: str,
    ) -> Session:
        """Open a page that takes one method and charges nothing; `message` stands by its button.

        `success_url` may hold {CHECKOUT_SESSION_ID}. The page lives 24 hours.
        https://docs.stripe.com/api/checkout/sessions/create
        """
        params: dict[str, Any] = {
            "mode": "setup",
            "customer": customer_id,
            "currency": currency.lower(),
            "allowed_payment_method_types": [method],
            "success_url": success_url,
            "cancel_url": cancel_url,
            "locale": locale,
            "metadata": dict(metadata),
            "setup_intent_data": {"metadata": dict(metadata)},
            "custom_text": {"submit": {"message": message[:1200]}},
        }
        operation = self._v1.checkout.sessions.create
        return _session(self._write(operation, params=params, operation_key=operation_key))

    def expire_session(self, session_id: str) -> None:
        """Close an open page. One that is already complete, expired or gone stays as it is.

        https://docs.stripe.com/api/checkout/sessions/expire
        """
        try:
            none_if_gone(lambda: self._write(self._v1.checkout.sessions.expire, session_id))
        except ProviderError as failure:
            refused = failure.status == HTTPStatus.BAD_REQUEST
            if not refused or self.retrieve_session(session_id).status == "open":
                raise

    def find_open_session(self, customer_id: str, metadata: Mapping[str, str]) -> Session | None:
        """Look for the customer's newest open page that carries all of `metadata`.

        https://docs.stripe.com/api/checkout/sessions/list
        """
        params = {"customer": customer_id, "status": "open", "limit": 100}
        listed = self._read(self._v1.checkout.sessions.list, params=params)["data"]
        mine = (s for s in listed if metadata.items() <= (s.get("metadata") or {}).items())
        return next((_session(found) for found in mine), None)

    def retrieve_session(self, session_id: str) -> Session:
        """Read how a setup page ended, in one call.

        https://docs.stripe.com/api/checkout/sessions/retrieve
        """
        session = self._read(
            self._v1.checkout.sessions.retrieve,
            session_id,
            params={"expand": ["setup_intent"]},
        )
        return _session(session)

    def find_method_kind(self, payment_method_id: str) -> str | None:
        """A payment method's kind: card, sepa_debit... None: gone, or the key may not read it.

        https://docs.stripe.com/api/payment_methods/retrieve
        """
        read = self._v1.payment_methods.retrieve
        try:
            found = none_if_gone(lambda: self._read(read, payment_method_id))
        except ProviderError as failure:
            if failure.code != MISSING_PERMISSION:
                raise
            return None  # what she paid with is a detail; the payment itself is known
        return str(found["type"]) if found else None


def _session(session: Mapping[str, Any]) -> Session:
    intent = session.get("setup_intent")
    setup = intent if isinstance(intent, Mapping) else {}
    return Session(
        id=session["id"],
        status=session["status"],
        url=session.get("url") or "",
        expires_at=instant(session["expires_at"]),
        setup_status=setup.get("status"),
        payment_method_id=identity(setup.get("payment_method")),
        metadata=session.get("metadata") or {},
    )
