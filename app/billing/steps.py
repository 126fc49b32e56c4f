"""Money operations one by one: each key is in our table before Stripe hears of it."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.clock import wall_now
from app.db import Database, find_or_add
from app.models import Purchase, Step

# A call that has not been answered for this long is over in Stripe too. Until then the same key
# is sent again; after that we look first, and take a new key when nothing came of the old one.
# Stripe keeps a key for 24 hours, an error 500 included.
# https://docs.stripe.com/api/idempotent_requests
KEY_LIFE = timedelta(minutes=10)


def begin_step(database: Database, purchase: Purchase, name: str, given: Mapping[str, Any]) -> Step:
    """Store the operation and what goes with it; begun before, its first figures hold.

    A repeated key must carry the same parameters, so what may differ from try to try (is the
    customer before her screen?) is decided once.
    """
    name = f"{purchase.generation}:{name}"
    same = select(Step).where(Step.purchase_id == purchase.id, Step.name == name)
    with database.writing(purchase.tenant_id) as session:
        return find_or_add(
            session,
            lambda: session.scalars(same).first(),
            Step(
                purchase_id=purchase.id,
                name=name,
                operation_key=_key(purchase.id, name, 1),
                begun_at=wall_now(),
                given=dict(given),
            ),
        )


def is_stale(step: Step, now: datetime) -> bool:
    """Begun, not known to be done, and too old to be simply sent again."""
    return step.done_at is None and now - step.begun_at > KEY_LIFE


def begin_again(database: Database, step: Step, given: Mapping[str, Any]) -> Step:
    """Nothing came of the step, as a look has shown: the same operation with a key of its own."""
    with database.writing(step.tenant_id) as session:
        row = session.get_one(Step, step.id)
        row.tries += 1
        row.operation_key = _key(row.purchase_id, row.name, row.tries)
        row.begun_at, row.given = wall_now(), dict(given)
        return row


def end_step(database: Database, step: Step, object_id: str) -> Step:
    with database.writing(step.tenant_id) as session:
        row = session.get_one(Step, step.id)
        row.done_at, row.object_id = wall_now(), object_id
        return row


def _key(purchase_id: int, name: str, tries: int) -> str:
    return f"purchase:{purchase_id}:{name}:{tries}"
