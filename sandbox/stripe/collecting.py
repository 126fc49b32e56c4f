"""One attempt to collect an open invoice, and what becomes of invoice, intent and charge.

https://docs.stripe.com/billing/subscriptions/overview (payment statuses),
https://docs.stripe.com/declines/codes and https://docs.stripe.com/payments/sepa-debit
"""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.stripe import payment_methods
from sandbox.stripe.books import Books, Record
from sandbox.stripe.errors import StripeError
from sandbox.stripe.events import emit
from sandbox.stripe.invoices import intent_of, keep
from sandbox.stripe.payment_intents import charge_of, payment_of
from sandbox.stripe.subscription_status import follow_failure, follow_payment, follow_processing

SETTLING_DAYS = 5
SEPA_LIMIT = 1_000_000  # a debit's usual limit, in cents
_DAY = 24 * 3600
_RETRY_DAYS = (1, 2, 2, 2, 2, 2, 3)  # two weeks in all


@dataclass(frozen=True)
class Refusal:
    """Why a charge did not go through, in Stripe's codes."""

    code: str
    decline_code: str
    message: str


DECLINED = Refusal("card_declined", "generic_decline", "Your card was declined.")
NEEDS_CUSTOMER = Refusal(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)
NEEDS_ACTION = Refusal(
    "invoice_payment_intent_requires_action",
    "",
    "Payment for this invoice requires additional user action before it can be completed "
    "successfully. Payment can be completed using the PaymentIntent associated with the invoice. "
    "For more details see: "
    "https://stripe.com/docs/billing/subscriptions/overview#requires-action",
)
NOT_CONFIRMED = Refusal(
    "payment_intent_authentication_failure",
    "",
    "We are unable to authenticate your payment method. Please choose a different payment method "
    "and try again.",
)
OVER_LIMIT = Refusal(
    "charge_exceeds_transaction_limit",
    "",
    "The charge exceeds the transaction limit of the payment method.",
)
RETURNED = Refusal(
    "payment_intent_payment_attempt_failed",
    "insufficient_funds",
    "The customer's account has insufficient funds to cover this payment.",
)


def collect(books: Books, invoice: Record, method_id: str, *, off_session: bool) -> Refusal | None:
    """Charge the method for what the invoice still asks; None when paid or under way."""
    method = books.get("payment_method", method_id, param="payment_method", status=400)
    intent = intent_of(books, invoice)
    if intent is None:
        raise StripeError("This invoice has nothing to collect.")
    invoice.update(attempt_count=invoice["attempt_count"] + 1, attempted=True)
    intent.update(payment_method=method_id, next_action=None, last_payment_error=None)
    if method["type"] == "sepa_debit" and intent["amount"] > SEPA_LIMIT:
        fail(books, invoice, intent, method, OVER_LIMIT)
        return OVER_LIMIT
    result = payment_methods.outcome(books, method_id)
    if result == "succeed":
        succeed(books, invoice, intent, method)
        return None
    if result in {"processing", "bounce"}:
        _process(books, invoice, intent, method, bounces=result == "bounce")
        return None
    if result == "3ds" and not off_session:
        _ask(books, invoice, intent, method)
        return NEEDS_ACTION
    refusal = NEEDS_CUSTOMER if result == "3ds" else DECLINED
    fail(books, invoice, intent, method, refusal)
    return refusal


def succeed(books: Books, invoice: Record, intent: Record, method: Record) -> None:
    """The money came: charge, intent, payment and invoice are paid."""
    payment_methods.charged(books, method["id"])
    charge = _pending_charge(books, intent) or charge_of(books, intent, method, "succeeded")
    charge.update(status="succeeded", paid=True, receipt_url=books.url(f"receipts/{charge['id']}"))
    emit(books, "charge.succeeded", books.save(charge))
    intent.update(status="succeeded", amount_received=intent["amount"], latest_charge=charge["id"])
    emit(books, "payment_intent.succeeded", books.save(intent))
    _payment_paid(books, intent)
    settle(books, invoice, intent["amount"])


def settle(books: Books, invoice: Record, amount: int) -> None:
    """Mark an invoice paid, tell, and let its subscription follow."""
    invoice.update(status="paid", amount_paid=amount, amount_remaining=0, next_payment_attempt=None)
    invoice["status_transitions"]["paid_at"] = books.now()
    keep(books, invoice)
    emit(books, "invoice.paid", invoice)
    emit(books, "invoice.payment_succeeded", invoice)
    follow_payment(books, invoice)


def fail(books: Books, invoice: Record, intent: Record, method: Record, refusal: Refusal) -> None:
    """The charge was refused: the invoice stays open, the intent wants another method."""
    charge = _pending_charge(books, intent) or charge_of(books, intent, method, "failed")
    charge.update(
        status="failed",
        paid=False,
        captured=False,
        amount_captured=0,
        failure_code=refusal.code,
        failure_message=refusal.message,
    )
    emit(books, "charge.failed", books.save(charge))
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        latest_charge=charge["id"],
        last_payment_error=_error(refusal, method, charge),
    )
    emit(books, "payment_intent.payment_failed", books.save(intent))
    invoice["next_payment_attempt"] = _next_try(books, invoice, refusal)
    keep(books, invoice)
    emit(books, "invoice.payment_failed", invoice)
    if refusal is NEEDS_CUSTOMER:
        emit(books, "invoice.payment_action_required", invoice)
    follow_failure(books, invoice)


def _next_try(books: Books, invoice: Record, refusal: Refusal) -> int | None:
    """When Stripe tries again by itself: a renewal that was merely declined, eight times in all.

    What then becomes of the subscription is a setting; here it stays past due.
    https://docs.stripe.com/billing/revenue-recovery/smart-retries
    """
    planned: int | None = invoice["next_payment_attempt"]
    made: int = invoice["attempt_count"]
    if invoice["billing_reason"] != "subscription_cycle":
        return planned
    if refusal is not DECLINED or made > len(_RETRY_DAYS):
        return None
    return books.now() + _RETRY_DAYS[made - 1] * _DAY


def finish_settlement(books: Books, intent_id: str) -> None:
    """The bank's answer to a debit came in: paid, or sent back."""
    row = books.table("settlement").pop(intent_id)
    invoice, intent = books.get("invoice", row["invoice"]), books.get("payment_intent", intent_id)
    if intent["status"] != "processing":
        return
    method = books.get("payment_method", intent["payment_method"])
    if row["bounces"]:
        fail(books, invoice, intent, method, RETURNED)
    else:
        succeed(books, invoice, intent, method)


def refused(books: Books, invoice: Record, refusal: Refusal) -> StripeError:
    """The 402 with which `pay` tells of a charge that did not go through."""
    intent = intent_of(books, invoice) or {}
    return StripeError(
        refusal.message,
        status=402,
        type="card_error",
        code=refusal.code,
        decline_code=refusal.decline_code or None,
        charge=intent.get("latest_charge"),
        payment_intent=intent or None,
    )


def _process(
    books: Books, invoice: Record, intent: Record, method: Record, *, bounces: bool
) -> None:
    charge = charge_of(books, intent, method, "pending")
    emit(books, "charge.pending", books.save(charge))
    intent.update(status="processing", latest_charge=charge["id"])
    emit(books, "payment_intent.processing", books.save(intent))
    keep(books, invoice)
    books.table("settlement")[intent["id"]] = {
        "invoice": invoice["id"],
        "at": books.now() + SETTLING_DAYS * _DAY,
        "bounces": bounces,
    }
    follow_processing(books, invoice)


def _ask(books: Books, invoice: Record, intent: Record, method: Record) -> None:
    """The bank wants the customer: she confirms on the hosted invoice page.

    Stripe tells of this as of a failure, too.
    https://docs.stripe.com/billing/subscriptions/webhooks#events
    """
    intent.update(
        status="requires_action",
        next_action={
            "type": "redirect_to_url",
            "redirect_to_url": {"return_url": None, "url": books.url(f"3ds/{intent['id']}")},
        },
        payment_method=method["id"],
    )
    emit(books, "payment_intent.requires_action", books.save(intent))
    keep(books, invoice)
    emit(books, "invoice.payment_failed", invoice)
    emit(books, "invoice.payment_action_required", invoice)
    follow_failure(books, invoice)


def _payment_paid(books: Books, intent: Record) -> None:
    payment = payment_of(books, intent)
    payment.update(status="paid", amount_paid=intent["amount"])
    payment["status_transitions"]["paid_at"] = books.now()
    emit(books, "invoice_payment.paid", books.save(payment))


def _pending_charge(books: Books, intent: Record) -> Record | None:
    charge = books.find("charge", intent["latest_charge"])
    return charge if charge and charge["status"] == "pending" else None


def _error(refusal: Refusal, method: Record, charge: Record) -> Record:
    return {
        "advice_code": "try_again_later",
        "charge": charge["id"],
        "code": refusal.code,
        "decline_code": refusal.decline_code or None,
        "doc_url": "https://stripe.com/docs/error-codes/" + refusal.code.replace("_", "-"),
        "message": refusal.message,
        "payment_method": method,
        "type": "card_error",
    }
