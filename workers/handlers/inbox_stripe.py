"""A Stripe webhook is a hint: the object is read again, and only newer state is applied."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select

from app.accounts.clients import stripe_client
from app.billing.outcomes import apply_invoice, apply_subscription
from app.billing.purchases import hear_of_setup, lock_purchase
from app.db import ScopedSession
from app.errors import ProviderError
from app.messages import Claimed, Ignored
from app.models import Purchase
from app.runtime import Runtime
from app.stripe_events import HANDLED, purchase_named
from workers.handler import Effect


def work(runtime: Runtime, message: Claimed) -> Effect:
    """payload: `event`, as Stripe sent it."""
    event: Mapping[str, Any] = message.payload["event"]
    if event["type"] not in HANDLED:
        raise Ignored(f"event type {event['type']} is not handled")
    about = event["data"]["object"]
    purchase_id = _find_purchase(runtime, message.tenant_id, about)
    follow = FOLLOW[about["object"]]
    try:
        return follow(runtime, message, purchase_id, about["id"])
    except ProviderError as error:
        if error.code == "resource_missing":
            raise Ignored("the object is gone: a draft that was not to be charged") from error
        raise


def _find_purchase(runtime: Runtime, tenant_id: int, about: Mapping[str, Any]) -> int:
    """Find the purchase by the metadata we gave the object, else by its id."""
    known = or_(
        Purchase.public_id == purchase_named(about),
        Purchase.stripe_invoice_id == about["id"],
        Purchase.stripe_subscription_id == about["id"],
        Purchase.stripe_session_id == about["id"],
    )
    with runtime.database.reading(tenant_id) as session:
        found = session.scalars(select(Purchase.id).where(known)).first()
    if found is None:
        raise Ignored("an object that is not ours")
    return found


def _follow_session(
    _runtime: Runtime, message: Claimed, purchase_id: int, session_id: str
) -> Effect:
    event_id = message.payload["event"]["id"]

    def ask(session: ScopedSession) -> None:
        purchase = lock_purchase(session, purchase_id)
        hear_of_setup(session, purchase, session_id, event_id)

    return ask


def _follow_invoice(
    runtime: Runtime, message: Claimed, purchase_id: int, invoice_id: str
) -> Effect:
    invoice = stripe_client(runtime, message.tenant_id).retrieve_invoice(invoice_id)
    now = runtime.clock.now()
    return lambda session: apply_invoice(session, lock_purchase(session, purchase_id), invoice, now)


def _follow_subscription(
    runtime: Runtime, message: Claimed, purchase_id: int, subscription_id: str
) -> Effect:
    found = stripe_client(runtime, message.tenant_id).retrieve_subscription(subscription_id)
    now = runtime.clock.now()
    return lambda session: apply_subscription(
        session, lock_purchase(session, purchase_id), found, now
    )


FOLLOW = {
    "checkout.session": _follow_session,
    "invoice": _follow_invoice,
    "subscription": _follow_subscription,
}
