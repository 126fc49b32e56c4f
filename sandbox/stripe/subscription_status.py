"""How a subscription's status follows the payment of its invoices.

https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses
"""

from __future__ import annotations

from sandbox.stripe.books import Books, Record
from sandbox.stripe.events import emit_change
from sandbox.stripe.invoices import subscription_of


def follow_payment(books: Books, invoice: Record) -> None:
    """A paid invoice starts an incomplete subscription and heals one that is past due."""
    _move(books, invoice, {"incomplete": "active", "past_due": "active"})


def follow_processing(books: Books, invoice: Record) -> None:
    """A debit that is under way counts as good until the bank says otherwise."""
    _move(books, invoice, {"incomplete": "active"})


def follow_failure(books: Books, invoice: Record) -> None:
    """A first invoice that fails leaves `incomplete`; any later failure makes it past due."""
    _move(books, invoice, {"active": "past_due"})


def _move(books: Books, invoice: Record, moves: dict[str, str]) -> None:
    subscription = books.find("subscription", subscription_of(invoice))
    if subscription is None or subscription["status"] not in moves:
        return
    # While it is being created nobody knows it yet: `created` will carry the status.
    before = dict(subscription)
    subscription["status"] = moves[subscription["status"]]
    books.save(subscription)
    if not books.table("unannounced").get(subscription["id"]):
        emit_change(books, "customer.subscription.updated", before, subscription)
