"""The hosted invoice page: pay, confirm with the bank, take another method, see where it stands.

https://docs.stripe.com/invoicing/hosted-invoice-page
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flask import Response, redirect, request

from sandbox.stripe import payment_methods
from sandbox.stripe.collecting import NEEDS_ACTION, collect
from sandbox.stripe.events import emit_change
from sandbox.stripe.invoice_lines import lines_of
from sandbox.stripe.invoice_pdf import pdf_of
from sandbox.stripe.invoices import intent_of, subscription_of
from sandbox.stripe.pages.bank import waiting_method
from sandbox.stripe.pages.checkout import offered
from sandbox.stripe.pages.opening import OpenBooks, language, owner_of, render
from sandbox.stripe.payment_methods import CHOICES

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response as Redirect

    from sandbox.stripe.books import Books, Record

_SEE_OTHER = 303
# Here entering and paying are one step, so "the bank asks when it is entered" is no case.
_AT_ONCE = {name: choice for name, choice in CHOICES.items() if choice.at_setup == "succeed"}


def register(pages: Blueprint, open_books: OpenBooks) -> None:
    """`/i/{invoice}` and its PDF, and the receipt of a charge."""

    @pages.get("/i/<key>")
    def invoice_page(key: str) -> str:
        books, invoice = owner_of(open_books, "invoice", key)
        return _page(books, invoice)

    @pages.post("/i/<key>")
    def invoice_pay(key: str) -> str | Redirect:
        books, invoice = owner_of(open_books, "invoice", key)
        return _pay(books, invoice)

    @pages.get("/i/<key>/pdf")
    def invoice_pdf(key: str) -> Response:
        books, invoice = owner_of(open_books, "invoice", key)
        body = pdf_of(books, invoice, _language(books, invoice))
        name = f'attachment; filename="Invoice-{invoice["number"]}.pdf"'
        return Response(body, mimetype="application/pdf", headers={"Content-Disposition": name})

    @pages.get("/receipts/<key>")
    def receipt_page(key: str) -> str:
        books, charge = owner_of(open_books, "charge", key)
        return render("receipt.html", books, language(None), charge=charge, at=_date(charge))


def _pay(books: Books, invoice: Record) -> str | Redirect:
    """Attach what was chosen and charge it with the customer present."""
    choice = request.form.get("choice", "")
    intent = intent_of(books, invoice)
    if invoice["status"] != "open" or intent is None or intent["status"] == "processing":
        return _page(books, invoice)
    if choice not in set(offered(intent["payment_method_types"])) & set(_AT_ONCE):
        return _page(books, invoice, problem="choose_one")
    method = payment_methods.attach(books, choice, invoice["customer"])
    refusal = collect(books, invoice, method["id"], off_session=False)
    if refusal is NEEDS_ACTION:
        return redirect(books.url(f"3ds/{intent['id']}"), _SEE_OTHER)
    if refusal:
        return _page(books, books.get("invoice", invoice["id"]), problem="declined")
    _use_from_now_on(books, invoice, method["id"])
    return redirect(books.url(f"i/{invoice['id']}"), _SEE_OTHER)


def _use_from_now_on(books: Books, invoice: Record, method: str) -> None:
    """A method that paid a subscription's invoice pays its renewals too."""
    subscription = books.find("subscription", subscription_of(invoice))
    if subscription:
        before = dict(subscription)
        subscription["default_payment_method"] = method
        books.save(subscription)
        emit_change(books, "customer.subscription.updated", before, subscription)


def _page(books: Books, invoice: Record, problem: str | None = None) -> str:
    intent = intent_of(books, invoice)
    return render(
        "invoice.html",
        books,
        _language(books, invoice),
        invoice=invoice,
        lines=lines_of(books, invoice["id"]),
        state=_state(invoice, intent),
        bank=books.url(f"3ds/{intent['id']}") if intent else "",
        kinds=intent["payment_method_types"] if intent else [],
        charge=books.find("charge", intent["latest_charge"]) if intent else None,
        choices=_AT_ONCE,
        problem=problem or _last_problem(invoice, intent),
        at=_date(invoice),
    )


def _last_problem(invoice: Record, intent: Record | None) -> str | None:
    """What went wrong the last time, as a word of `WORDS`."""
    error = (intent or {}).get("last_payment_error") or {}
    if invoice["status"] != "open" or not error:
        return None
    known = {"payment_intent_authentication_failure": "bank_failed", "card_declined": "declined"}
    return known.get(error["code"])


def _state(invoice: Record, intent: Record | None) -> str:
    """One word for what the page offers."""
    if invoice["status"] != "open" or intent is None:
        return str(invoice["status"])
    if intent["status"] == "processing":
        return "processing"
    return "bank" if waiting_method(intent) else "open"


def _language(books: Books, invoice: Record) -> str:
    customer = books.find("customer", invoice["customer"]) or {}
    return language(next(iter(customer.get("preferred_locales") or []), None))


def _date(record: Record) -> str:
    return datetime.fromtimestamp(record["created"], UTC).strftime("%d/%m/%Y")
