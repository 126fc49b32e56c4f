"""The dashboard's switches: each takes JSON, or a form that leads back to the dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import abort, jsonify, redirect, request

from sandbox.stripe import (
    accounts,
    customers,
    discounts,
    installs,
    subscriptions,
    webhook_endpoints,
)
from sandbox.stripe.deliveries import current_deliveries
from sandbox.stripe.mischief import Mischief
from sandbox.stripe.pages.opening import OpenBooks, owner_of

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response

    from sandbox.stripe.books import Books
    from sandbox.stripe.deliveries import Deliveries

_SEE_OTHER = 303


def register(pages: Blueprint, open_books: OpenBooks) -> None:
    """What a seller or a tester changes: customers, methods, webhooks."""
    _customers(pages, open_books)

    @pages.post("/control/methods")
    def set_methods() -> Response:
        given = _given()
        books = open_books(given.get("account", accounts.FIRST))
        return _done(books, accounts.switch(books, {"card", *_words(given.get("methods", ""))}))

    @pages.post("/control/platform")
    def set_platform() -> Response:
        """`installed`: whether the platform's app is on the account."""
        given = _given()
        books = open_books(given.get("account", accounts.FIRST))
        change = installs.install if given.get("installed") else installs.remove
        change(books)
        return _done(books, {"account": books.account, "installed": bool(given.get("installed"))})

    @pages.post("/control/deliveries")
    def set_deliveries() -> Response:
        given = _given()
        queue = current_deliveries()
        _disturb(queue, given)
        return _done(open_books(given.get("account", accounts.FIRST)), {"armed": queue.armed()})

    @pages.post("/control/endpoints/<key>/roll")
    def roll_secret(key: str) -> Response:
        books, _ = owner_of(open_books, "webhook_endpoint", key)
        return _done(books, {"secret": webhook_endpoints.roll(books, key)})

    @pages.post("/control/events/<key>/resend")
    def resend(key: str) -> Response:
        books, _ = owner_of(open_books, "event", key)
        return _done(books, {"sent": books.deliveries.resend(books.account, key)})


def _customers(pages: Blueprint, open_books: OpenBooks) -> None:
    """Balance and discount; or the customer's end."""

    @pages.post("/control/customers/<key>")
    def set_customer(key: str) -> Response:
        books, customer = owner_of(open_books, "customer", key)
        given = _given()
        if "balance" in given:
            customers.change(books, customer, {**customer, "balance": int(given["balance"])})
        if given.get("percent_off") or given.get("amount_off"):
            discounts.give(
                books,
                key,
                percent_off=str(given.get("percent_off") or ""),
                amount_off=int(given.get("amount_off") or 0),
            )
        elif "percent_off" in given or "amount_off" in given:
            discounts.take_back(books, key)
        return _done(books, books.get("customer", key))

    @pages.post("/control/customers/<key>/delete")
    def delete_customer(key: str) -> Response:
        books, _ = owner_of(open_books, "customer", key)
        for subscription in books.where("subscription", customer=key):
            if subscription["status"] not in subscriptions.ENDED:
                subscriptions.end(books, subscription, "canceled")
        customers.delete(books, key)
        return _done(books, {"id": key, "deleted": True})


def _disturb(queue: Deliveries, given: dict[str, Any]) -> None:
    """`action` is calm or a kind of mischief; `times`, `type` and `seconds` follow."""
    if given.get("action") == "calm":
        queue.calm()
        return
    try:
        queue.disturb(Mischief.asked(given))
    except ValueError as problem:
        abort(400, str(problem))


def _given() -> dict[str, Any]:
    return dict(request.get_json() if request.is_json else request.form)


def _words(given: str | list[str]) -> list[str]:
    return given.split() if isinstance(given, str) else given


def _done(books: Books, answer: Any) -> Response:
    if request.is_json:
        return jsonify(answer)
    return redirect(books.url(f"dashboard?account={books.account}"), _SEE_OTHER)
