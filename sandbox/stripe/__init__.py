"""Stripe as the sandbox plays it: the API, the pages a customer sees, webhooks, due work."""

from __future__ import annotations

import logging
import threading
from functools import partial
from typing import TYPE_CHECKING

from flask import Blueprint, Response

from sandbox.stripe import (
    accounts,
    customers,
    due,
    events,
    idempotency,
    invoice_steps,
    invoices,
    keys,
    payment_intents,
    payment_methods,
    previews,
    products,
    sessions,
    subscriptions,
    tax_rates,
    webhook_endpoints,
)
from sandbox.stripe import pages as hosted
from sandbox.stripe.api import respond
from sandbox.stripe.books import Books
from sandbox.stripe.deliveries import Deliveries

if TYPE_CHECKING:
    from flask.blueprints import BlueprintSetupState

    from sandbox.world import World

# Importing these registers the calls they play.
PLAYERS = (
    accounts, customers, events, invoice_steps, invoices, payment_intents, payment_methods,
    previews, products, sessions, subscriptions, tax_rates, webhook_endpoints,
)  # fmt: skip
_TICK_SECONDS = 1.0
_log = logging.getLogger(__name__)


def blueprint(world: World) -> Blueprint:
    """Everything under /stripe: the API at /v1, hosted pages, dashboard; starts the webhooks.

    The queue of webhooks is `app.extensions["stripe_deliveries"]`.
    """
    deliveries = Deliveries(world)
    open_books = partial(Books, world, deliveries)
    pages = Blueprint("stripe", __name__, url_prefix="/stripe", template_folder="templates")

    @pages.route("/v1/<path:rest>", methods=["GET", "POST", "DELETE", "PUT", "PATCH"])
    def api(rest: str) -> Response:
        return respond(open_books, f"/v1/{rest}")

    hosted.register(pages, open_books)

    @pages.record_once
    def start(state: BlueprintSetupState) -> None:
        state.app.extensions["stripe_deliveries"] = deliveries
        world.seed(deliveries.forget)
        world.seed(partial(keys.plant, world))
        deliveries.start()
        world.when_failed("stripe", partial(idempotency.keep_failure, world, open_books))
        world.clock.on_move(partial(_settle, open_books))
        threading.Thread(
            target=_follow_clock, args=(world, open_books), name="stripe-due", daemon=True
        ).start()

    return pages


def _settle(open_books: partial[Books]) -> None:
    for account in accounts.NAMES:
        due.settle(open_books(account))


def _follow_clock(world: World, open_books: partial[Books]) -> None:
    """Do what falls due while business time runs by itself."""
    while not world.closing.wait(_TICK_SECONDS):
        try:
            with world.store.lock:
                if not world.closing.is_set():
                    _settle(open_books)
        except Exception:  # noqa: BLE001 - the clock must go on
            _log.exception("due work of the sandbox's Stripe failed")
