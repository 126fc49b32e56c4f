"""How a subscription's status follows the payment of its invoices.

https://docs.stripe.com/billing/subscriptions/overview#subscription-statuses
"""

from __future__ import annotations

from sandbox.stripe.books import Books, Record
from sandbox.stripe.events import emit_change
from sandbox.stripe.invoices import intent_of, subscription_of


def follow_payment(books: Books, invoice: Record) -> None:
    """A paid invoice starts an incomplete subscription and heals one that is past due."""
    _keep_method(books, invoice)
    _move(books, invoice, {"incomplete": "active", "past_due": "active"})


def follow_processing(books: Books, invoice: Record) -> None:
    """A debit that is under way counts as good until the bank says otherwise."""
    _move(books, invoice, {"incomplete": "active"})


def follow_failure(books: Books, invoice: Record) -> None:
    """A first invoice that fails leaves `incomplete`; any later failure makes it past due."""
    _move(books, invoice, {"active": "past_due"})


def _keep_method(books: Books, invoice: Record) -> None:
    """What paid pays the renewals too, if the subscription was made so.

    https://docs.stripe.com/api/subscriptions/create (save_default_payment_method)
    """
    subscription = books.find("subscription", subscription_of(invoice))
    intent = intent_of(books, invoice)
    if subscription is None or intent is None:
        return
    before, method = dict(subscription), intent["payment_method"]
    keeps = subscription["payment_settings"]["save_default_payment_method"] == "on_subscription"
    if not keeps or method in (None, before["default_payment_method"]):
        return
    subscription["default_payment_method"] = method
    books.save(subscription)
    emit_change(books, "customer.subscription.updated", before, subscription)


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
