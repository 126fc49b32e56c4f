"""The money's ladder: where a purchase stands, and which news may move it."""

from enum import StrEnum


class MoneyStatus(StrEnum):
    """`held`: Stripe's figure was not the proposal's, so nothing was charged."""

    AWAITING_METHOD = "awaiting_method"
    HELD = "held"
    ACTION_NEEDED = "action_needed"
    PENDING = "pending"
    FAILED = "failed"
    PAID = "paid"
    PAST_DUE = "past_due"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    CANCELLED = "cancelled"


M = MoneyStatus
# A first payment that failed may be tried again; one that was made is never taken back by a
# late failure: only what Stripe says of a later invoice, refund or dispute moves it on. News of a
# renewal may come before that of the first payment, without which there would be no renewal.
FOLLOWS: dict[MoneyStatus, frozenset[MoneyStatus]] = {
    M.AWAITING_METHOD: frozenset(
        {M.HELD, M.ACTION_NEEDED, M.PENDING, M.FAILED, M.PAID, M.PAST_DUE, M.CANCELLED}
    ),
    M.HELD: frozenset(
        {M.HELD, M.ACTION_NEEDED, M.PENDING, M.FAILED, M.PAID, M.PAST_DUE, M.CANCELLED}
    ),
    M.ACTION_NEEDED: frozenset({M.PENDING, M.FAILED, M.PAID, M.PAST_DUE, M.CANCELLED}),
    M.PENDING: frozenset({M.ACTION_NEEDED, M.FAILED, M.PAID, M.PAST_DUE, M.CANCELLED}),
    M.FAILED: frozenset({M.ACTION_NEEDED, M.PENDING, M.PAID, M.PAST_DUE, M.CANCELLED}),
    M.PAID: frozenset({M.PAST_DUE, M.REFUNDED, M.DISPUTED, M.CANCELLED}),
    M.PAST_DUE: frozenset({M.PAID, M.REFUNDED, M.DISPUTED, M.CANCELLED}),
    M.REFUNDED: frozenset({M.DISPUTED, M.CANCELLED}),
    M.DISPUTED: frozenset({M.PAID, M.REFUNDED, M.CANCELLED}),
    M.CANCELLED: frozenset({M.REFUNDED, M.DISPUTED}),
}
# The customer may (again) choose a method: nothing is on its way.
METHOD_OPEN = frozenset({M.AWAITING_METHOD, M.HELD, M.FAILED, M.ACTION_NEEDED})


def shown_outside(status: str) -> str:
    """What CRM and card say: a held charge did not happen, and the problem beside it says why."""
    return M.FAILED if status == M.HELD else status


def may_follow(current: str, following: str) -> bool:
    return MoneyStatus(following) in FOLLOWS[MoneyStatus(current)]


def after_invoice(
    invoice_status: str, payment_status: str | None, *, needs_person: bool, first: bool
) -> MoneyStatus | None:
    """What an invoice, read again from Stripe, says of the purchase; None: nothing yet.

    `invoice_status` and `payment_status` are Stripe's words for the invoice and for the
    PaymentIntent behind it; `needs_person`: the bank waits for the customer; `first` tells the
    acceptance's own invoice from a renewal's.
    https://docs.stripe.com/api/payment_intents/object
    """
    if invoice_status == "paid":
        return M.PAID
    if invoice_status != "open":
        return None
    if not first:
        return None if payment_status == "processing" else M.PAST_DUE
    if payment_status == "processing":
        return M.PENDING
    return M.ACTION_NEEDED if needs_person else M.FAILED
