"""Messages that wait for work, planted in one statement."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from sqlalchemy import func, insert, select

from app.clock import wall_now
from app.db import EVERY_TENANT, Database
from app.messages import provider_of
from app.models import Message, Tenant

if TYPE_CHECKING:
    from collections.abc import Sequence


def make_tenants(database: Database, number: int) -> list[int]:
    """Make that many tenants and return their ids."""
    with database.writing(EVERY_TENANT) as session:
        tenants = [Tenant(hub_id=hub, installed_at=wall_now()) for hub in range(1, number + 1)]
        session.add_all(tenants)
        session.flush()
        return [tenant.id for tenant in tenants]


def plant(database: Database, tenants: Sequence[int], kind: str, number: int) -> None:
    """Make that many messages due now, each about a thing of its own, dealt out to the tenants."""
    with database.writing(EVERY_TENANT) as session:
        rows = [_row(tenants[n % len(tenants)], kind) for n in range(number)]
        session.execute(insert(Message), rows)


def count(database: Database, kind: str, status: str) -> int:
    """How many messages of a kind have this status."""
    with database.reading(EVERY_TENANT) as session:
        counted = select(func.count()).where(Message.kind == kind, Message.status == status)
        return session.scalars(counted).one()


def _row(tenant_id: int, kind: str) -> dict[str, object]:
    name, now = uuid.uuid4().hex, wall_now()
    return {
        "tenant_id": tenant_id,
        "kind": kind,
        "provider": provider_of(kind),
        "subject": f"thing:{name}",
        "payload": {"thing": name},
        "dedupe_key": name,
        "operation_key": name,
        "status": "pending",
        "attempts": 0,
        "doubts": 0,
        "deaths": 0,
        "last_error": "",
        "available_at": now,
        "created_at": now,
    }
