"""On to Stripe: wait a moment for the page that a worker opens there, then redirect."""

import time

from flask import redirect
from werkzeug.wrappers import Response

from app.billing.ladder import METHOD_OPEN
from app.billing.purchases import ask_for_invoice, is_read, lock_purchase, open_page
from app.models import Purchase
from app.runtime import Runtime

PATIENCE_SECONDS = 3.0
LOOK_EVERY_SECONDS = 0.05
SEE_OTHER = 303


def go_on(runtime: Runtime, purchase: Purchase, back_to: str) -> Response:
    """Redirect to Stripe's page once it is open, else to our page that says *one moment*."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while purchase.status in METHOD_OPEN and purchase.method:
        if page := stripe_page(runtime, purchase):
            return redirect(page, SEE_OTHER)
        if time.monotonic() > deadline:
            return redirect(f"{back_to}?go=1", SEE_OTHER)
        time.sleep(LOOK_EVERY_SECONDS)
        with runtime.database.reading(purchase.tenant_id) as session:
            purchase = session.get_one(Purchase, purchase.id)
    return redirect(back_to, SEE_OTHER)


def go_to_invoice(runtime: Runtime, purchase: Purchase, back_to: str) -> Response | None:
    """Redirect to Stripe's page of the newest invoice once it was read; None if that takes long."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    with runtime.database.writing(purchase.tenant_id) as session:
        purchase = lock_purchase(session, purchase.id)
        waits = ask_for_invoice(session, purchase)
    while waits and time.monotonic() < deadline:
        time.sleep(LOOK_EVERY_SECONDS)
        with runtime.database.reading(purchase.tenant_id) as session:
            purchase = session.get_one(Purchase, purchase.id)
        waits = not is_read(purchase)
    return None if waits else redirect(purchase.hosted_invoice_url or back_to, SEE_OTHER)


def stripe_page(runtime: Runtime, purchase: Purchase) -> str | None:
    """The open Stripe page of the method chosen last."""
    if purchase.status not in METHOD_OPEN:
        return None
    return open_page(purchase, purchase.method, runtime.clock.now())
