"""The money's ladder: the statuses of a purchase, and which may follow which."""

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
# A failed first payment may be tried again. After a successful one, an old failure that arrives
# late changes nothing: only a later invoice, a refund or a dispute does. News of a renewal that
# comes before the first payment moves nothing: it is read again then.
FOLLOWS: dict[MoneyStatus, frozenset[MoneyStatus]] = {
    M.AWAITING_METHOD: frozenset(
        {M.HELD, M.ACTION_NEEDED, M.PENDING, M.FAILED, M.PAID, M.CANCELLED}
    ),
    M.HELD: frozenset({M.HELD, M.ACTION_NEEDED, M.PENDING, M.FAILED, M.PAID, M.CANCELLED}),
    M.ACTION_NEEDED: frozenset({M.PENDING, M.FAILED, M.PAID, M.CANCELLED}),
    M.PENDING: frozenset({M.ACTION_NEEDED, M.FAILED, M.PAID, M.CANCELLED}),
    M.FAILED: frozenset({M.ACTION_NEEDED, M.PENDING, M.PAID, M.CANCELLED}),
    M.PAID: frozenset({M.PAST_DUE, M.REFUNDED, M.DISPUTED, M.CANCELLED}),
    M.PAST_DUE: frozenset({M.PAID, M.REFUNDED, M.DISPUTED, M.CANCELLED}),
    M.REFUNDED: frozenset({M.DISPUTED, M.CANCELLED}),
    M.DISPUTED: frozenset({M.PAID, M.REFUNDED, M.CANCELLED}),
    M.CANCELLED: frozenset({M.REFUNDED, M.DISPUTED}),
}
# The customer may choose a method (again): no payment is under way.
METHOD_OPEN = frozenset({M.AWAITING_METHOD, M.HELD, M.FAILED, M.ACTION_NEEDED})


def shown_outside(status: str) -> str:
    """What CRM and card show: `held` is a failed charge; the problem shown beside it says why."""
    return M.FAILED if status == M.HELD else status


def settled_by_credit(total_minor: int, paid_minor: int | None) -> bool:
    """Whether a paid invoice was settled without any money; `paid_minor` None: it is not known."""
    return paid_minor == 0 and total_minor > 0


def may_follow(current: str, following: str) -> bool:
    return MoneyStatus(following) in FOLLOWS[MoneyStatus(current)]


def after_invoice(
    invoice_status: str, payment_status: str | None, *, needs_person: bool, first: bool
) -> MoneyStatus | None:
    """The purchase's status that follows from an invoice, read again from Stripe; None: none yet.

    `invoice_status` and `payment_status` are Stripe's words for the invoice and for the
    PaymentIntent behind it; `needs_person`: the bank waits for the customer; `first`: it is the
    acceptance's own invoice, not a renewal's.
    https://docs.stripe.com/api/payment_intents/object
    """
    if invoice_status == "paid":
        return M.PAID
    if payment_status == "processing" and invoice_status in ("open", "uncollectible"):
        return M.PENDING if first else None
    if invoice_status != "open":
        return None
    if not first:
        return M.PAST_DUE
    return M.ACTION_NEEDED if needs_person else M.FAILED
