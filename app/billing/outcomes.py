"""What an invoice or subscription, read again from Stripe, means for a purchase."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app import messages
from app.billing.ladder import METHOD_OPEN, MoneyStatus, after_invoice
from app.billing.purchases import is_waiting, move_money, read_leading_invoice
from app.billing.steps import cancelling, was_begun
from app.clock import wall_now
from app.db import ScopedSession
from app.models import PaidInvoice, Proposal, Purchase
from app.proposals.projection import note_stage, show_in_crm
from app.proposals.telling import tell
from app.providers.stripe.answers import InvoiceState, SubscriptionState

WORTHLESS = ("void", "uncollectible")
# https://docs.stripe.com/api/invoices/object#invoice_object-billing_reason
BEGINNINGS = ("subscription_create", "manual")
WHILE_WAITING = timedelta(minutes=2)


def apply_invoice(
    session: ScopedSession, purchase: Purchase, invoice: InvoiceState, now: datetime
) -> None:
    """Move the purchase as this invoice says, and add the messages that follow, each once.

    Only the first invoice moves the money until it is paid; after that, only the newest.
    """
    if _is_no_news(purchase, invoice):
        return
    if _took_back_first(purchase, invoice):
        _lapse(session, purchase)
        return
    if invoice.status != "paid" and _was_paid(session, invoice):
        return  # an older reading: a paid invoice never opens again
    first, unpaid = is_first(purchase, invoice), purchase.first_paid_at is None
    if invoice.status == "paid":
        _record_paid(session, purchase, invoice, now, first=first)
    if first and invoice.status in ("open", "paid"):
        _adopt(purchase, invoice)
    if invoice.holds_money and invoice.tried_method_kind:
        purchase.method = invoice.tried_method_kind
    newest = _note_newest(purchase, invoice)
    if first if unpaid else newest:
        _follow(session, purchase, invoice, first=first)
    if unpaid and purchase.first_paid_at and not newest:
        read_leading_invoice(session, purchase)  # a renewal that was heard of before


def _is_no_news(purchase: Purchase, invoice: InvoiceState) -> bool:
    if invoice.untried or invoice.status == "draft":
        return True  # not charged yet: nothing to pay
    if invoice.id == purchase.stripe_invoice_id or invoice.holds_money:
        return False
    if is_past(purchase, invoice.metadata):
        return True  # an older generation matters only if money came of it, or was to come
    return invoice.status in WORTHLESS and purchase.first_paid_at is None  # we voided it ourselves


def _note_newest(purchase: Purchase, invoice: InvoiceState) -> bool:
    """Whether no later invoice was applied before."""
    if purchase.newest_invoice_at and invoice.created_at < purchase.newest_invoice_at:
        return False
    purchase.newest_invoice_id, purchase.newest_invoice_at = invoice.id, invoice.created_at
    return True


def _follow(
    session: ScopedSession, purchase: Purchase, invoice: InvoiceState, *, first: bool
) -> None:
    """Move the money as the leading invoice says."""
    purchase.hosted_invoice_url = invoice.hosted_url or ""
    purchase.invoice_read_at = wall_now()
    status = after_invoice(
        invoice.status,
        invoice.payment_status,
        needs_person=invoice.needs_person,
        first=first,
    )
    if status is None:
        return
    if move_money(session, purchase, status) or purchase.status == status:
        _tell(session, purchase, invoice, status)


def _took_back_first(purchase: Purchase, invoice: InvoiceState) -> bool:
    mine = invoice.id == purchase.stripe_invoice_id and purchase.first_paid_at is None
    return mine and invoice.status in WORTHLESS and not invoice.holds_money


def _lapse(session: ScopedSession, purchase: Purchase) -> None:
    """The first invoice ended unpaid, which the next method will find.

    A new generation begins only then, after everything of this one was read at Stripe.
    """
    purchase.hosted_invoice_url = ""
    move_money(session, purchase, MoneyStatus.FAILED)


def is_first(purchase: Purchase, invoice: InvoiceState) -> bool:
    """Whether it is the acceptance's own invoice, not a renewal's, in whatever order they come."""
    if invoice.id == purchase.stripe_invoice_id:
        return True
    if purchase.stripe_invoice_id and not is_past(purchase, invoice.metadata):
        return False
    return invoice.billing_reason in BEGINNINGS


def _adopt(purchase: Purchase, invoice: InvoiceState) -> None:
    """Store Stripe's ids: an event may arrive before the answer to our own call, or instead."""
    purchase.stripe_invoice_id = purchase.stripe_invoice_id or invoice.id
    purchase.stripe_subscription_id = purchase.stripe_subscription_id or invoice.subscription_id
    purchase.stripe_payment_method_id = invoice.tried_method_id or purchase.stripe_payment_method_id


def _tell(
    session: ScopedSession, purchase: Purchase, invoice: InvoiceState, status: MoneyStatus
) -> None:
    kinds = {
        MoneyStatus.FAILED: "email.payment_failed",
        MoneyStatus.ACTION_NEEDED: "email.action_needed",
        MoneyStatus.PAST_DUE: "email.renewal_failed",
    }
    events = {MoneyStatus.FAILED: "failed", MoneyStatus.PAST_DUE: "renewal_failed"}
    # A failure with another method is a new fact; the same failure reported twice is one fact.
    fact = f"{purchase.id}:{invoice.id}:{invoice.tried_method_id}"
    # On our return page the customer is led on at once; the mail is for those who left it.
    patience = WHILE_WAITING if is_waiting(purchase) else timedelta(0)
    after = patience if status == MoneyStatus.ACTION_NEEDED else timedelta(0)
    payload = _payload(purchase, invoice)
    if status in kinds:
        messages.add(session, kinds[status], fact, payload=payload, after=after)
    if status in events:
        tell(session, events[status], fact, payload)


def _payload(purchase: Purchase, invoice: InvoiceState) -> dict[str, Any]:
    return {
        "proposal_id": purchase.proposal_id,
        "invoice_id": invoice.id,
        "invoice_number": invoice.number or "",
        "invoice_minor": invoice.total_minor,
        "paid_minor": invoice.amount_paid_minor,
        "reason": invoice.failure_message or "",
    }


def _record_paid(
    session: ScopedSession,
    purchase: Purchase,
    invoice: InvoiceState,
    now: datetime,
    *,
    first: bool,
) -> None:
    if _was_paid(session, invoice):
        return
    paid_at = invoice.paid_at or now
    session.add(
        PaidInvoice(
            purchase_id=purchase.id,
            stripe_invoice_id=invoice.id,
            number=invoice.number or "",
            paid_at=paid_at,
            content=_content(invoice),
        )
    )
    proposal = session.get_one(Proposal, purchase.proposal_id)
    messages.add(
        session,
        "email.invoice_paid",
        f"{purchase.id}:{invoice.id}",
        payload=_payload(purchase, invoice),
    )
    if first and purchase.first_paid_at is None:
        _tell_first_payment(session, purchase, proposal, _payload(purchase, invoice))
        purchase.first_paid_at = paid_at
    session.flush()
    show_in_crm(session, proposal.deal_id)


def _was_paid(session: ScopedSession, invoice: InvoiceState) -> bool:
    known = select(PaidInvoice.id).where(PaidInvoice.stripe_invoice_id == invoice.id)
    return session.scalars(known).first() is not None


def _tell_first_payment(
    session: ScopedSession, purchase: Purchase, proposal: Proposal, payload: dict[str, Any]
) -> None:
    note_stage(session, proposal, "paid")
    tell(session, "paid", str(purchase.id), payload)


def _content(invoice: InvoiceState) -> dict[str, Any]:
    """What the receipt is made from, as plain JSON."""
    return {
        "number": invoice.number,
        "currency": invoice.currency,
        "total_minor": invoice.total_minor,
        "tax_minor": invoice.tax_minor,
        "discount_minor": invoice.discount_minor,
        "paid_minor": invoice.amount_paid_minor,
        "hosted_url": invoice.hosted_url,
        "pdf_url": invoice.pdf_url,
    }


def apply_subscription(
    session: ScopedSession, purchase: Purchase, subscription: SubscriptionState, now: datetime
) -> None:
    """Follow the subscription: its newest invoice, the method of its renewals, its end."""
    known = purchase.stripe_subscription_id
    if known != subscription.id and (known or is_past(purchase, subscription.metadata)):
        return
    newest = subscription.latest_invoice
    if subscription.status == "incomplete_expired" and not (newest and newest.holds_money):
        _lapse(session, purchase)
        return
    if subscription.status == "canceled" and was_begun(
        session, purchase, cancelling(subscription.id)
    ):
        return  # by ourselves, to make another one
    purchase.stripe_subscription_id = subscription.id
    if newest:
        apply_invoice(session, purchase, newest, now)
    # Ours, or one that the customer chose at Stripe herself.
    purchase.stripe_payment_method_id = subscription.method_id or purchase.stripe_payment_method_id
    if subscription.method_kind and purchase.status not in METHOD_OPEN:
        purchase.method = subscription.method_kind  # until then it is what she chose on our page
    if subscription.status == "canceled":
        move_money(session, purchase, MoneyStatus.CANCELLED)


def is_past(purchase: Purchase, metadata: Mapping[str, str]) -> bool:
    """Whether an object with this metadata belongs to a generation that is over."""
    return metadata.get("propale_generation") not in (None, str(purchase.generation))


def begin_generation(purchase: Purchase) -> None:
    """Nothing of the old one can charge any more, and nothing came of it: new objects are made."""
    if purchase.first_paid_at is None:
        purchase.generation += 1
        purchase.stripe_subscription_id = purchase.stripe_invoice_id = None
        purchase.hosted_invoice_url = purchase.newest_invoice_id = ""
        purchase.newest_invoice_at = None


def hold(
    session: ScopedSession, purchase: Purchase, reason: str, stripe_minor: int | None = None
) -> None:
    """Billing stops here: nothing more is charged, the rep is told.

    `stripe_minor` is the sum Stripe would have charged, where that is the reason.
    """
    if not move_money(session, purchase, MoneyStatus.HELD, problem=reason):
        if purchase.status not in METHOD_OPEN:
            return
        purchase.problem = reason  # an unpaid invoice exists, so only this try has failed
        session.flush()
        show_in_crm(session, session.get_one(Proposal, purchase.proposal_id).deal_id)
    messages.add(
        session,
        "email.rep_held",
        f"{purchase.id}:{purchase.page_number}",
        payload={
            "proposal_id": purchase.proposal_id,
            "reason": reason,
            "stripe_minor": stripe_minor,
        },
    )
