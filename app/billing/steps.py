"""Money operations one by one: each key is in our table before Stripe hears of it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.clock import wall_now
from app.db import Database, find_or_add
from app.models import Step


def begin_step(
    database: Database, tenant_id: int, purchase_id: int, name: str, given: Mapping[str, Any]
) -> Step:
    """Store the operation and what goes with it; begun before, its first figures hold.

    A repeated key must carry the same parameters, so what may differ from try to try (is the
    customer before her screen?) is decided once. https://docs.stripe.com/api/idempotent_requests
    """
    key = f"{tenant_id}:purchase:{purchase_id}:{name}"
    with database.writing(tenant_id) as session:
        return find_or_add(
            session,
            lambda: session.scalars(select(Step).where(Step.operation_key == key)).first(),
            Step(
                purchase_id=purchase_id,
                name=name,
                operation_key=key,
                begun_at=wall_now(),
                given=dict(given),
            ),
        )


def end_step(database: Database, step: Step, object_id: str) -> None:
    with database.writing(step.tenant_id) as session:
        row = session.get_one(Step, step.id)
        row.done_at, row.object_id = wall_now(), object_id
