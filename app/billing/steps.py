"""Money operations one by one: each operation key is stored before the call to Stripe."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.clock import wall_now
from app.db import Database, find_or_add
from app.models import Purchase, Step

# After this time an unanswered call is over in Stripe too. Before that the same key is sent
# again; after that we look first, and take a new key if the old one made nothing.
# Stripe keeps a key's answer for 24 hours, even an error 500.
# https://docs.stripe.com/api/idempotent_requests
KEY_LIFE = timedelta(minutes=10)


def begin_step(database: Database, purchase: Purchase, name: str, given: Mapping[str, Any]) -> Step:
    """Store the operation with its parameters, or return it as it was first begun.

    A repeated key must carry the same parameters, so whatever may differ between two tries (is
    the customer waiting on our page?) is decided once.
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
    """Whether it was begun, is not known to be done, and is too old to send again unchecked."""
    return step.done_at is None and now - step.begun_at > KEY_LIFE


def may_be_under_way(step: Step, now: datetime) -> bool:
    """Whether a call with its key may still be executed: it is sent until the key is too old."""
    return step.done_at is None and now - step.begun_at <= 2 * KEY_LIFE


def begin_again(database: Database, step: Step, given: Mapping[str, Any]) -> Step:
    """Give the operation a new key, after a look has shown that the old one made nothing."""
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
