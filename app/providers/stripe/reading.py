"""Stripe's JSON (2026-10-28.endive) read into our answers."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from app.providers.stripe.answers import InvoiceState, Listed, SubscriptionState

Record = Mapping[str, Any]


def invoice_state(invoice: Record) -> InvoiceState:
    """Read an invoice; `payment_status` needs `payments.data.payment.payment_intent` expanded."""
    parent = _parent(invoice)
    intent = _payment_intent(invoice)
    error = intent.get("last_payment_error") or {}
    return InvoiceState(
        id=invoice["id"],
        status=invoice.get("status") or "draft",
        number=invoice.get("number"),
        currency=invoice["currency"].upper(),
        total_minor=invoice["total"],
        amount_due_minor=invoice["amount_due"],
        hosted_url=invoice.get("hosted_invoice_url"),
        pdf_url=invoice.get("invoice_pdf"),
        subscription_id=identity(parent.get("subscription")),
        billing_reason=invoice.get("billing_reason"),
        customer_id=identity(invoice.get("customer")),
        metadata=_metadata(invoice),
        payment_status=intent.get("status"),
        failure_code=error.get("decline_code") or error.get("code"),
        failure_message=error.get("message"),
        created_at=instant(invoice["created"]),
        paid_at=_instant_or_none((invoice.get("status_transitions") or {}).get("paid_at")),
        tried_method_id=identity(error.get("payment_method") or intent.get("payment_method")),
        amount_paid_minor=invoice.get("amount_paid") or 0,
        tax_minor=_total(invoice.get("total_taxes")),
        discount_minor=_total(invoice.get("total_discount_amounts")),
    )


def listed(found: Record) -> Listed:
    """Read what all kinds of objects have in common."""
    return Listed(
        kind=found["object"],
        id=found["id"],
        status=found.get("status") or "",
        livemode=found["livemode"],
        created_at=instant(found["created"]),
        metadata=_metadata(found),
    )


def subscription_state(
    subscription: Record, latest_invoice: InvoiceState | None
) -> SubscriptionState:
    """Read a subscription, with its newest invoice as it was read."""
    return SubscriptionState(
        id=subscription["id"],
        status=subscription["status"],
        customer_id=identity(subscription["customer"]) or "",
        metadata=subscription.get("metadata") or {},
        latest_invoice=latest_invoice,
        method_id=identity(subscription.get("default_payment_method")),
    )


def identity(value: object) -> str | None:
    """The id behind a field that may or may not be expanded."""
    if isinstance(value, Mapping):
        return str(value["id"])
    return str(value) if value else None


def instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _total(entries: Iterable[Record] | None) -> int:
    return sum(entry["amount"] for entry in entries or ())


def _instant_or_none(seconds: int | None) -> datetime | None:
    return instant(seconds) if seconds else None


def _parent(invoice: Record) -> Record:
    return (invoice.get("parent") or {}).get("subscription_details") or {}


def _metadata(found: Record) -> dict[str, str]:
    return {**(_parent(found).get("metadata") or {}), **(found.get("metadata") or {})}


def _payment_intent(invoice: Record) -> Record:
    payments = (invoice.get("payments") or {}).get("data", [])
    living = [found for found in payments if found.get("status") != "canceled"]
    # An invoice has one default payment; it has others only if the seller split it.
    chosen = next((found for found in living if found.get("is_default")), None)
    payment = chosen or (living[-1] if living else {})
    intent = (payment.get("payment") or {}).get("payment_intent")
    return intent if isinstance(intent, Mapping) else {}
