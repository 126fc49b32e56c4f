"""Stripe's page where the customer enters a card or an IBAN (checkout in setup mode)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import redirect, request

from sandbox.stripe.pages.opening import OpenBooks, language, owner_of, render
from sandbox.stripe.payment_methods import CHOICES
from sandbox.stripe.sessions import ask_bank, complete, refuse_setup

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response

    from sandbox.stripe.books import Books, Record

_SEE_OTHER = 303


def register(pages: Blueprint, open_books: OpenBooks) -> None:
    """GET shows the page, POST enters what was chosen; the bank's step is its own page."""

    @pages.get("/c/pay/<key>")
    def checkout_page(key: str) -> str:
        books, session = owner_of(open_books, "checkout.session", key)
        return _page(books, session)

    @pages.post("/c/pay/<key>")
    def checkout_enter(key: str) -> Response | str:
        books, session = owner_of(open_books, "checkout.session", key)
        return _enter(books, session, request.form.get("choice", ""))

    @pages.get("/c/pay/<key>/bank")
    def checkout_bank(key: str) -> str:
        books, session = owner_of(open_books, "checkout.session", key)
        return render("bank.html", books, _language(session), invoice=None)

    @pages.post("/c/pay/<key>/bank")
    def checkout_bank_answer(key: str) -> Response | str:
        books, session = owner_of(open_books, "checkout.session", key)
        return _confirmed(books, session, said_yes=request.form.get("answer") == "confirm")


def _enter(books: Books, session: Record, choice: str) -> Response | str:
    if session["status"] == "complete":
        return _onward(session)
    if session["status"] != "open":
        return _page(books, session)
    if choice not in offered(session["payment_method_types"]):
        return _page(books, session, problem="choose_one")
    if CHOICES[choice].at_setup == "3ds":
        address = books.url(f"c/pay/{session['id']}/bank?choice={choice}")
        ask_bank(books, session, address)
        return redirect(address, _SEE_OTHER)
    return _onward(complete(books, session, choice))


def _confirmed(books: Books, session: Record, *, said_yes: bool) -> Response | str:
    """The bank's answer; a refusal leaves the page open for another method."""
    choice = request.args.get("choice", "")
    if session["status"] == "open" and not (said_yes and choice in CHOICES):
        refuse_setup(books, session)
        return _page(books, session, problem="bank_failed")
    if session["status"] == "open":
        session = complete(books, session, choice)
    return _onward(session) if session["status"] == "complete" else _page(books, session)


def offered(kinds: list[str]) -> list[str]:
    """The tester's choices among these kinds of methods."""
    return [name for name, choice in CHOICES.items() if choice.kind in kinds]


def _page(books: Books, session: Record, problem: str | None = None) -> str:
    return render(
        "checkout.html",
        books,
        _language(session),
        session=session,
        choices=CHOICES,
        customer=books.find("customer", session["customer"]) or {},
        problem=problem,
        onward=_success_url(session),
    )


def _language(session: Record) -> str:
    return language(session["locale"])


def _onward(session: Record) -> Response:
    return redirect(_success_url(session), _SEE_OTHER)


def _success_url(session: Record) -> str:
    """Stripe puts the session's id in the place of `{CHECKOUT_SESSION_ID}`."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])
