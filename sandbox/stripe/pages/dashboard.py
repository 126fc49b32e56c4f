"""The seller's dashboard: what the account holds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import abort, redirect, request

from sandbox import figures
from sandbox.stripe import accounts
from sandbox.stripe.books import Books
from sandbox.stripe.pages.opening import OpenBooks, render

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response

_SHOWN = 100
_KINDS = {"customers": "customer", "subscriptions": "subscription", "invoices": "invoice"}


def register(pages: Blueprint, open_books: OpenBooks) -> None:
    """`/dashboard` for people, and its board alone for the page that is open."""

    @pages.get("/")
    @pages.get("/dashboard")
    def dashboard_page() -> str:
        return _page("dashboard.html", open_books(_account()))

    @pages.get("/dashboard/test/apikeys")
    def keys_page() -> Response:
        return redirect("../../dashboard", 303)

    @pages.get("/dashboard/test/<kind>/<object_id>")
    def object_page(kind: str, object_id: str) -> Response:
        """Lead from an object's own address to its row on the account's page."""
        account = _holder(open_books, _KINDS.get(kind, ""), object_id)
        return redirect(f"../../../dashboard?account={account}#{object_id}", 303)

    @pages.get("/dashboard/board")
    def dashboard_board() -> str:
        return _page("board.html", open_books(_account()))


def _holder(open_books: OpenBooks, kind: str, object_id: str) -> str:
    """Name the account that holds the object; 404 where none does."""
    holders = (one for one in accounts.NAMES if kind and open_books(one).find(kind, object_id))
    return next(holders, "") or abort(404)


def _account() -> str:
    account = request.args.get("account", accounts.FIRST)
    return account if account in accounts.NAMES else abort(404)


def _page(template: str, books: Books) -> str:
    rows = books.deliveries.rows(books.account)
    events = books.rows("event")[::-1][:_SHOWN]
    sent: dict[str, list[Any]] = {}
    for row in rows:
        sent.setdefault(row["event"], []).append(row)
    return render(
        template,
        books,
        "fr",
        account=books.account,
        others=[key for key in accounts.NAMES if key != books.account],
        customers=books.rows("customer")[::-1],
        subscriptions=books.rows("subscription")[::-1],
        invoices=books.rows("invoice")[::-1],
        sessions=books.rows("checkout.session")[::-1],
        endpoints=books.rows("webhook_endpoint"),
        events=events,
        sent=sent,
        methods=accounts.methods_on(books),
        armed=books.deliveries.armed(),
        at=_at,
        editing=books.find("customer", request.args.get("customer")),
        base=books.url("").rstrip("/"),
        here=books.url(f"dashboard?account={books.account}"),
    )


def _at(moment: int) -> str:
    return figures.moment(datetime.fromtimestamp(moment, UTC))
