"""The pages people see: Stripe's page for a method, the bank's, the invoice, the dashboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import g, request

from sandbox.stripe.pages import bank, checkout, controls, dashboard, hosted_invoice
from sandbox.world import current_world

if TYPE_CHECKING:
    from flask import Blueprint

    from sandbox.stripe.pages.opening import OpenBooks


def register(pages: Blueprint, open_books: OpenBooks) -> None:
    """Add every page's routes to the blueprint; one page works at a time."""

    @pages.before_request
    def take_turn() -> None:
        # The API takes the lock itself, once it knows that nobody else holds the same key.
        if request.endpoint != f"{pages.name}.api":
            g.turn = current_world().store.lock
            g.turn.acquire()

    @pages.teardown_request
    def give_turn(_: BaseException | None) -> None:
        if "turn" in g:
            g.pop("turn").release()

    for module in (checkout, bank, hosted_invoice, dashboard, controls):
        module.register(pages, open_books)
