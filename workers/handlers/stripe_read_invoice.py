"""Reads a purchase's newest invoice again: the customer wants its page, whose address changes."""

from app.accounts.clients import stripe_client
from app.billing.outcomes import apply_invoice
from app.billing.purchases import lock_purchase
from app.clock import wall_now
from app.db import ScopedSession
from app.messages import Claimed
from app.models import Purchase
from app.runtime import Runtime
from workers.handler import Effect


def work(runtime: Runtime, message: Claimed) -> Effect:
    """payload: `purchase_id`."""
    purchase_id = message.payload["purchase_id"]
    with runtime.database.reading(message.tenant_id) as session:
        invoice_id = session.get_one(Purchase, purchase_id).newest_invoice_id
    invoice = stripe_client(runtime, message.tenant_id).find_invoice(invoice_id)
    if invoice is None:
        return lambda session: _forget_address(session, purchase_id)
    now = runtime.clock.now()

    def follow(session: ScopedSession) -> None:
        purchase = lock_purchase(session, purchase_id)
        apply_invoice(session, purchase, invoice, now)
        if purchase.newest_invoice_id == invoice.id:
            purchase.hosted_invoice_url = invoice.hosted_url or ""
        purchase.invoice_read_at = wall_now()

    return follow


def _forget_address(session: ScopedSession, purchase_id: int) -> None:
    """The invoice is gone: the customer reads where things stand."""
    purchase = lock_purchase(session, purchase_id)
    purchase.hosted_invoice_url, purchase.invoice_read_at = "", wall_now()
