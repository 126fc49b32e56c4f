"""Invoices: made with their lines, finalized, paid, read back with their payment's state."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.errors import FailureKind, ProviderError
from app.plan_lines import PlanLine
from app.providers.stripe.answers import InvoiceLine, InvoiceState
from app.providers.stripe.bodies import described_items
from app.providers.stripe.connection import Connection
from app.providers.stripe.failures import MISSING, WAITING_FOR_PERSON, none_if_gone
from app.providers.stripe.reading import invoice_state

# Four levels, the deepest Stripe expands.
_WITH_PAYMENT = {"expand": ["payments.data.payment.payment_intent"]}
_DECLINED = 402


class InvoiceCalls(Connection):
    def create_invoice(
        self,
        *,
        customer_id: str,
        currency: str,
        payment_method_id: str,
        metadata: Mapping[str, str],
        operation_key: str,
    ) -> InvoiceState:
        """Draft an empty invoice that stays a draft until we finalize it.

        https://docs.stripe.com/api/invoices/create
        """
        params = {
            "customer": customer_id,
            "currency": currency.lower(),
            "default_payment_method": payment_method_id,
            "pending_invoice_items_behavior": "exclude",
            "auto_advance": False,
            "metadata": dict(metadata),
        }
        return invoice_state(
            self._write(self._v1.invoices.create, params=params, operation_key=operation_key)
        )

    def add_lines(
        self, invoice_id: str, lines: Sequence[PlanLine], currency: str, operation_key: str
    ) -> InvoiceState:
        """Put all lines on a draft in one call; the answer holds the new totals.

        https://docs.stripe.com/api/invoices/add_lines
        """
        params = {"lines": described_items(lines, currency)}
        operation = self._v1.invoices.add_lines
        return invoice_state(
            self._write(operation, invoice_id, params=params, operation_key=operation_key)
        )

    def finalize_invoice(self, invoice_id: str, operation_key: str) -> InvoiceState:
        """Give the invoice its number; from then on Stripe collects it by itself.

        An invoice that is already final is returned as it is.
        https://docs.stripe.com/api/invoices/finalize
        """
        operation = self._v1.invoices.finalize_invoice
        try:
            return invoice_state(
                self._write(
                    operation,
                    invoice_id,
                    params={"auto_advance": True, **_WITH_PAYMENT},
                    operation_key=operation_key,
                )
            )
        except ProviderError as failure:
            return self._as_it_stands(invoice_id, failure, wanted={"open", "paid"})

    def pay_invoice(
        self,
        invoice_id: str,
        payment_method_id: str | None,
        operation_key: str,
        *,
        off_session: bool,
    ) -> InvoiceState:
        """Charge now. A decline or a wait for 3DS is a result: see `payment_status`.

        `payment_method_id` None takes the invoice's own. An invoice already paid is returned.
        https://docs.stripe.com/api/invoices/pay
        """
        params = {"off_session": off_session, **_WITH_PAYMENT}
        if payment_method_id is not None:
            params["payment_method"] = payment_method_id
        operation = self._v1.invoices.pay
        try:
            return invoice_state(
                self._write(operation, invoice_id, params=params, operation_key=operation_key)
            )
        except ProviderError as failure:
            if failure.status == _DECLINED or failure.code in WAITING_FOR_PERSON:
                return self.retrieve_invoice(invoice_id)
            return self._as_it_stands(invoice_id, failure, wanted={"paid"})

    def delete_draft(self, invoice_id: str) -> None:
        """Remove an invoice that was never finalized. One that is already gone is no error.

        https://docs.stripe.com/api/invoices/delete
        """
        none_if_gone(lambda: self._write(self._v1.invoices.delete, invoice_id))

    def void_invoice(self, invoice_id: str, operation_key: str) -> InvoiceState:
        """Void a final, unpaid invoice; Stripe stops collecting it.

        https://docs.stripe.com/api/invoices/void
        """
        operation = self._v1.invoices.void_invoice
        try:
            return invoice_state(self._write(operation, invoice_id, operation_key=operation_key))
        except ProviderError as failure:
            return self._as_it_stands(invoice_id, failure, wanted={"void"})

    def retrieve_invoice(self, invoice_id: str) -> InvoiceState:
        """Read an invoice with the state of its payment. Unknown: code `resource_missing`.

        https://docs.stripe.com/api/invoices/retrieve
        """
        return invoice_state(
            self._read(self._v1.invoices.retrieve, invoice_id, params=_WITH_PAYMENT)
        )

    def find_invoice(self, invoice_id: str) -> InvoiceState | None:
        """Read an invoice with the state of its payment; None where it is gone."""
        return none_if_gone(lambda: self.retrieve_invoice(invoice_id))

    def invoice_lines(self, invoice_id: str) -> list[InvoiceLine]:
        """Read every line as Stripe words it.

        https://docs.stripe.com/api/invoices/invoice_lines
        """
        lines: list[InvoiceLine] = []
        params: dict[str, Any] = {"limit": 100}
        while True:
            page = self._read(self._v1.invoices.line_items.list, invoice_id, params=params)
            lines += [InvoiceLine(x.get("description") or "", x["amount"]) for x in page["data"]]
            if not page.get("has_more"):
                return lines
            params["starting_after"] = page["data"][-1]["id"]

    def find_invoices(
        self, customer_id: str, metadata: Mapping[str, str]
    ) -> Iterator[InvoiceState]:
        """Look for the customer's invoices that carry all of `metadata`, newest first.

        Reads the list, which is up to date at once; Stripe's search lags behind. A customer whom
        the account does not know has none.
        https://docs.stripe.com/api/invoices/list
        """
        params = {"customer": customer_id, "limit": 100}
        while True:
            page = none_if_gone(lambda: self._read(self._v1.invoices.list, params=params))
            if page is None:
                return
            for found in page["data"]:
                if metadata.items() <= invoice_state(found).metadata.items():
                    yield self.retrieve_invoice(found["id"])
            if not page.get("has_more"):
                return
            params["starting_after"] = page["data"][-1]["id"]

    def _as_it_stands(
        self, invoice_id: str, failure: ProviderError, *, wanted: set[str]
    ) -> InvoiceState:
        """Return the invoice if an earlier call already did what was refused; else raise again."""
        if failure.kind is not FailureKind.PERMANENT or failure.code == MISSING:
            raise failure
        state = self.retrieve_invoice(invoice_id)
        if state.status not in wanted:
            raise failure
        return state
