"""Two pieces of news of one purchase in the same instant: the later one sees the earlier."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from app.clock import wall_now
from app.db import EVERY_TENANT
from app.errors import FailureKind, ProviderError
from app.messages import Claimed
from app.models import Purchase
from tests.support.house import House
from tests.values import make_claimed
from workers.handler import Effect
from workers.handlers import inbox_stripe, stripe_start_billing
from workers.jobs import GiveUp, after_failure

PATIENCE = 10.0
# Only here do two transactions write at once; SQLite lets one in after the other.
pytestmark = pytest.mark.parametrize("house_database", ["postgresql"], indirect=True)


def claim(house: House, kind: str, **payload: Any) -> Claimed:
    return make_claimed(kind=kind, tenant_id=house.tenant_id, payload=payload)


def billed(house: House, purchase: Purchase) -> Effect:
    page = {"purchase_id": purchase.id, "session_id": purchase.stripe_session_id}
    return stripe_start_billing.work(house.runtime, claim(house, "stripe.start_billing", **page))


def told_of(house: House, kind: str) -> Effect:
    """What follows from an event about Stripe's newest object of that kind."""
    about = {
        "object": kind,
        "id": house.stripe(kind)[-1]["id"],
        "metadata": house.stripe("subscription")[-1]["metadata"],
    }
    event = {"id": "evt_1", "type": "invoice.updated", "data": {"object": about}}
    return inbox_stripe.work(house.runtime, claim(house, "inbox.stripe", event=event))


def given_up(house: House, purchase: Purchase) -> Effect:
    page = {"purchase_id": purchase.id, "session_id": purchase.stripe_session_id}
    message = claim(house, "stripe.start_billing", **page)
    refused = ProviderError("stripe", FailureKind.PERMANENT, "Refused.")
    verdict = after_failure(refused, message, wall_now(), worked=False)
    assert isinstance(verdict, GiveUp)
    return lambda session: stripe_start_billing.when_dead(session, message, verdict.reason)


NEWS: dict[str, Callable[[House, Purchase], Effect]] = {
    "invoice": lambda house, _: told_of(house, "invoice"),
    "subscription": lambda house, _: told_of(house, "subscription"),
    "billed again": billed,
    "given up": given_up,
}


def declined(house: House) -> Purchase:
    """Stripe refused the card, and we have not heard of it yet."""
    house.hears = False
    purchase = house.accept(house.send("5101"))
    house.enter(purchase, "card_declined")
    billed(house, purchase)
    return purchase


def until_one_waits(house: House) -> None:
    """Until one of the database's transactions waits for another."""
    waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with house.runtime.database.reading(EVERY_TENANT) as session:
            if session.scalar(waits):
                return
        time.sleep(0.01)
    raise TimeoutError("nobody waits")


@pytest.mark.parametrize("news", NEWS)
def test_failure_heard_beside_the_payment_does_not_undo_it(house: House, news: str) -> None:
    purchase = declined(house)
    effect = NEWS[news](house, purchase)

    def apply() -> None:
        with house.runtime.database.writing(house.tenant_id) as session:
            effect(session)

    beside = threading.Thread(target=apply)
    with house.runtime.database.writing(house.tenant_id) as session:
        session.get_one(Purchase, purchase.id).status = "paid"
        session.flush()
        beside.start()
        until_one_waits(house)
    beside.join(PATIENCE)

    assert house.purchase(purchase.id).status == "paid"
