"""What moves an invoice on: finalize, pay, send, void.

https://docs.stripe.com/invoicing/overview#invoice-statuses
"""

from __future__ import annotations

from sandbox.stripe.balances import balance_in, set_balance
from sandbox.stripe.books import Books, Params, Record
from sandbox.stripe.calls import call
from sandbox.stripe.collecting import collect, refused, settle
from sandbox.stripe.errors import StripeError
from sandbox.stripe.events import emit
from sandbox.stripe.invoice_totals import due_and_balance, total_up
from sandbox.stripe.invoices import intent_of, keep, subscription_of
from sandbox.stripe.payment_intents import open_intent

_HOUR = 3600


@call("POST /v1/invoices/{invoice}/finalize", "invoice", plays="auto_advance")
def finalize_call(books: Books, params: Params, key: str) -> Record:
    invoice = books.get("invoice", key)
    invoice["auto_advance"] = params.get("auto_advance", invoice["auto_advance"])
    return finalize(books, invoice)


def finalize(books: Books, invoice: Record) -> Record:
    """Number the invoice, fix its amounts, settle the balance, open its payment."""
    total_up(books, invoice)
    customer = books.get("customer", invoice["customer"])
    currency = invoice["currency"]
    start = balance_in(books, customer, currency)
    due, balance = due_and_balance(invoice["total"], start, currency)
    sequence = customer["next_invoice_sequence"]
    number = invoice["number"] or f"{customer['invoice_prefix']}-{sequence:04d}"
    customer = books.save({**customer, "next_invoice_sequence": sequence + 1})
    set_balance(books, customer, currency, balance)
    now = books.now()
    invoice.update(
        amount_due=due,
        amount_remaining=due,
        effective_at=now,
        ending_balance=balance,
        hosted_invoice_url=books.url(f"i/{invoice['id']}"),
        invoice_pdf=f"{books.world.settings.stripe_files_base}/i/{invoice['id']}/pdf",
        number=number,
        status="open",
    )
    invoice["status_transitions"]["finalized_at"] = now
    books.save(invoice)
    if due:
        open_intent(books, invoice)
    emit(books, "invoice.finalized", invoice)
    if due == 0:
        # Nothing to collect, or too little: paid as it stands, the rest is on the balance.
        invoice["attempted"] = True
        settle(books, invoice, 0)
    elif invoice["auto_advance"] and invoice["collection_method"] == "charge_automatically":
        invoice["next_payment_attempt"] = now + _HOUR
        books.save(invoice)
    return invoice


@call(
    "POST /v1/invoices/{invoice}/pay",
    "invoice",
    plays="off_session paid_out_of_band payment_method",
)
def pay(books: Books, params: Params, key: str) -> Record:
    invoice = books.get("invoice", key)
    if params.get("paid_out_of_band"):
        return _out_of_band(books, invoice)
    method = params.get("payment_method") or method_of(books, invoice)
    if method is None:
        raise no_method()
    # An invoice is charged without its customer unless the caller says that she is there.
    off_session = params.get("off_session", True)
    refusal = collect(books, invoice, method, off_session=off_session)
    if refusal:
        raise refused(books, invoice, refusal)
    return books.get("invoice", key)


def method_of(books: Books, invoice: Record) -> str | None:
    """The method an invoice is charged to: its own, its subscription's, its customer's."""
    subscription = books.find("subscription", subscription_of(invoice)) or {}
    customer = books.get("customer", invoice["customer"])
    found: str | None = (
        invoice["default_payment_method"]
        or subscription.get("default_payment_method")
        or customer["invoice_settings"]["default_payment_method"]
    )
    return found


def no_method() -> StripeError:
    """Neither invoice, subscription nor customer has anything to charge."""
    return StripeError(
        "This customer has no attached payment source or default payment method. Please consider "
        "adding a default payment method. For more information, visit "
        "https://stripe.com/docs/billing/subscriptions/payment-methods-setting"
        "#payment-method-priority.",
        code="resource_missing",
    )


@call("POST /v1/invoices/{invoice}/send", "invoice")
def send(books: Books, params: Params, key: str) -> Record:  # noqa: ARG001
    invoice = books.get("invoice", key)
    if invoice["status"] == "draft":
        invoice = finalize(books, invoice)
    # In a sandbox Stripe mails nothing; the event is all that happens.
    emit(books, "invoice.sent", invoice)
    return invoice


@call("POST /v1/invoices/{invoice}/void", "invoice")
def void_call(books: Books, params: Params, key: str) -> Record:  # noqa: ARG001
    return void(books, books.get("invoice", key))


def void(books: Books, invoice: Record) -> Record:
    """Take an open invoice back; its payment is cancelled."""
    invoice.update(status="void", amount_remaining=0, next_payment_attempt=None)
    invoice["status_transitions"]["voided_at"] = books.now()
    _cancel_payment(books, invoice, "void_invoice")
    keep(books, invoice)
    emit(books, "invoice.voided", invoice)
    return invoice


def _cancel_payment(books: Books, invoice: Record, reason: str) -> None:
    intent = intent_of(books, invoice)
    if intent is None:
        return
    intent.update(status="canceled", canceled_at=books.now(), cancellation_reason=reason)
    emit(books, "payment_intent.canceled", books.save(intent))
    for payment in books.where("invoice_payment", invoice=invoice["id"], status="open"):
        payment["status"] = "canceled"
        payment["status_transitions"]["canceled_at"] = books.now()
        books.save(payment)


def _out_of_band(books: Books, invoice: Record) -> Record:
    _cancel_payment(books, invoice, "automatic")
    settle(books, invoice, invoice["amount_due"])
    return invoice
