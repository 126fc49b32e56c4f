"""Stripe's webhooks that never arrive."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sandbox.stripe.deliveries import Deliveries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.house import House


@contextmanager
def webhooks_lost(house: House, *, listed: bool = True) -> Iterator[None]:
    """What Stripe tells inside this block is never delivered.

    `listed`: Stripe says so under `delivery_success=false`; it does not of events older than 30
    days, nor of those that we answered and then lost.
    """
    before = {event["id"] for event in house.events()}
    house.hears = False
    try:
        yield
    finally:
        house.hears = True
        for event in house.events():
            if event["id"] not in before:
                house._carried.add(event["id"])
                if listed:
                    list_as_lost(house, event)


def list_as_lost(house: House, event: dict[str, object]) -> None:
    """Stripe has given this event up, and says so."""
    deliveries = Deliveries(house.sandbox.world)
    with house.sandbox.world.store.lock:
        key = deliveries._add(house.account.stripe, house.endpoint()["id"], event, 0.0)
        deliveries._close(key, "dropped")
