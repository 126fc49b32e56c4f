"""Stripe's webhooks that never arrive, although Stripe lists them as undelivered."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sandbox.stripe.deliveries import Deliveries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.house import House


@contextmanager
def webhooks_lost(house: House) -> Iterator[None]:
    """What Stripe tells inside this block is never delivered, and listed as such."""
    before = {event["id"] for event in house.events()}
    house.hears = False
    try:
        yield
    finally:
        house.hears = True
        for event in house.events():
            if event["id"] not in before:
                _lose(house, event)


def _lose(house: House, event: dict[str, object]) -> None:
    house._carried.add(str(event["id"]))
    deliveries = Deliveries(house.sandbox.world)
    with house.sandbox.world.store.lock:
        key = deliveries._add(house.account.stripe, house.endpoint()["id"], event, 0.0)
        deliveries._close(key, "dropped")
