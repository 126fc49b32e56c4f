"""Stripe's events as tests send them, and what is kept of them."""

from typing import Any

from app.db import EVERY_TENANT
from app.models import Message
from tests.support.house import House

PURCHASE = "0a1b2c3d-0000-4000-8000-00000000abcd"


def event(**changes: Any) -> dict[str, Any]:
    """An event about one of our invoices, as Stripe words it."""
    about = {"id": "in_1", "object": "invoice", "metadata": {"propale_purchase": PURCHASE}}
    return {
        "id": "evt_1",
        "object": "event",
        "type": "invoice.paid",
        "livemode": False,
        "data": {"object": about},
        **changes,
    }


def stored(house: House) -> list[Message]:
    with house.runtime.database.reading(EVERY_TENANT) as session:
        return session.query(Message).filter(Message.kind == "inbox.stripe").all()
