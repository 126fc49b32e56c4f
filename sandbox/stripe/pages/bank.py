"""The bank's confirmation (3D Secure) of a payment: confirm or refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import redirect, request

from sandbox.stripe import payment_methods
from sandbox.stripe.collecting import NOT_CONFIRMED, collect, fail
from sandbox.stripe.pages.opening import OpenBooks, language, owner_of, render
from sandbox.stripe.payment_intents import payment_of

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response

    from sandbox.stripe.books import Books, Record

_SEE_OTHER = 303


def register(pages: Blueprint, open_books: OpenBooks) -> None:
    """`/3ds/{payment intent}`: reached from the hosted invoice page."""

    @pages.get("/3ds/<key>")
    def bank_page(key: str) -> str | Response:
        books, intent = owner_of(open_books, "payment_intent", key)
        invoice = invoice_of(books, intent)
        if waiting_method(intent) is None:
            return redirect(books.url(f"i/{invoice['id']}"), _SEE_OTHER)
        customer = books.get("customer", invoice["customer"])
        wished = next(iter(customer["preferred_locales"] or []), None)
        return render("bank.html", books, language(wished), invoice=invoice)

    @pages.post("/3ds/<key>")
    def bank_answer(key: str) -> Response:
        books, intent = owner_of(open_books, "payment_intent", key)
        invoice = invoice_of(books, intent)
        method = waiting_method(intent)
        if method and request.form.get("answer") == "confirm":
            payment_methods.authenticated(books, method)
            collect(books, invoice, method, off_session=False)
        elif method:
            fail(books, invoice, intent, books.get("payment_method", method), NOT_CONFIRMED)
        return redirect(books.url(f"i/{invoice['id']}"), _SEE_OTHER)


def invoice_of(books: Books, intent: Record) -> Record:
    """The invoice a payment intent collects."""
    return books.get("invoice", payment_of(books, intent)["invoice"])


def waiting_method(intent: Record) -> str | None:
    """The method whose charge waits for its owner's confirmation, if one does."""
    if intent["status"] == "requires_action":
        return str(intent["payment_method"])
    error = intent["last_payment_error"] or {}
    if error.get("code") == "authentication_required":
        return str(error["payment_method"]["id"])
    return None
