"""What falls due as business time passes, done in the order of its moments.

Renewals and their collection, debits that settle, sessions that expire, subscriptions that never
started. Each piece of work carries its own moment, however far the clock was moved.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sandbox.stripe.collecting import finish_settlement
from sandbox.stripe.invoice_steps import void
from sandbox.stripe.sessions import expire
from sandbox.stripe.subscription_billing import charge_waiting, collect_renewal, renew
from sandbox.stripe.subscriptions import end

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.stripe.books import Books

    Work = Callable[[Books, str], None]

INCOMPLETE_SECONDS = 23 * 3600
DRAFT_SECONDS = 3600
SOONEST_SECONDS = 3600


def settle(books: Books) -> int:
    """Do everything that is due, oldest first; return how many pieces of work there were.

    Work makes new work, but never for sooner than `SOONEST_SECONDS` later: what lies within that
    window of the oldest piece can be done in one go without mixing up the order.
    """
    done = 0
    while True:
        waiting = [entry for entry in _waiting(books) if entry[0] <= books.now()]
        if not waiting:
            return done
        window = min(entry[0] for entry in waiting) + SOONEST_SECONDS
        for moment, _, key, work in sorted(
            (entry for entry in waiting if entry[0] < window), key=lambda entry: entry[:3]
        ):
            work(replace(books, at=moment), key)
            done += 1


def _waiting(books: Books) -> Iterator[tuple[int, int, str, Work]]:
    """(moment, rank among equals, id, work) of everything that will ever fall due."""
    for session in books.table("checkout.session").values():
        if session["status"] == "open":
            yield session["expires_at"], 3, session["id"], _expire
    for key, row in books.table("settlement").items():
        yield row["at"], 0, key, finish_settlement
    for invoice in books.table("invoice").values():
        if invoice["status"] == "draft" and invoice["billing_reason"] == "subscription_cycle":
            yield invoice["created"] + DRAFT_SECONDS, 1, invoice["id"], _collect
        elif invoice["status"] == "open" and invoice["next_payment_attempt"]:
            yield invoice["next_payment_attempt"], 1, invoice["id"], _charge
    for subscription in books.table("subscription").values():
        if subscription["status"] == "incomplete":
            yield subscription["created"] + INCOMPLETE_SECONDS, 2, subscription["id"], _give_up
        elif subscription["status"] in {"active", "past_due"}:
            ending = subscription["items"]["data"][0]["current_period_end"]
            yield ending, 2, subscription["id"], _renew


# Each looks again whether its work is still wanted: an earlier piece may have settled it.


def _expire(books: Books, key: str) -> None:
    session = books.get("checkout.session", key)
    if session["status"] == "open":
        expire(books, session)


def _collect(books: Books, key: str) -> None:
    invoice = books.get("invoice", key)
    if invoice["status"] == "draft":
        collect_renewal(books, invoice)


def _charge(books: Books, key: str) -> None:
    invoice = books.get("invoice", key)
    if invoice["next_payment_attempt"]:
        charge_waiting(books, invoice)


def _give_up(books: Books, key: str) -> None:
    subscription = books.get("subscription", key)
    if subscription["status"] != "incomplete":
        return
    end(books, subscription, "incomplete_expired")
    invoice = books.get("invoice", subscription["latest_invoice"])
    if invoice["status"] == "open":
        void(books, invoice)


def _renew(books: Books, key: str) -> None:
    subscription = books.get("subscription", key)
    if subscription["status"] not in {"active", "past_due"}:
        return
    if subscription["cancel_at_period_end"]:
        end(books, subscription, "canceled")
    else:
        renew(books, subscription)
