"""The portal's deal stages: read by a worker, kept for the connections page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from app import messages
from app.accounts.connections import find_connection
from app.clock import wall_now
from app.db import Database, ScopedSession
from app.models import PortalStage

if TYPE_CHECKING:
    from app.providers.hubspot.answers import Stage

LIFE = timedelta(days=1)


def ask_for_stages(session: ScopedSession, fact: str) -> None:
    """Have the stages read, once for each `fact`; one reading at a time."""
    messages.add(session, "hubspot.read_stages", fact, subject="stages", payload={})


def ask_again(database: Database, tenant_id: int) -> None:
    """Have them read now; several clicks within a minute cause one reading."""
    with database.writing(tenant_id) as session:
        ask_for_stages(session, f"{wall_now():%Y-%m-%d %H:%M}")


def ask_when_old(database: Database, tenant_id: int) -> None:
    """Have them read if ours are older than a day or were never read."""
    with database.reading(tenant_id) as session:
        read_at = session.scalars(select(func.max(PortalStage.read_at))).one()
        portal = find_connection(session, "hubspot")
    old = read_at is None or wall_now() - read_at > LIFE
    if old and portal and portal.status == "connected":
        with database.writing(tenant_id) as session:
            ask_for_stages(session, f"{wall_now():%Y-%m-%d}")


def keep_stages(session: ScopedSession, stages: Iterable[Stage]) -> None:
    """Replace the stored stages by these, in HubSpot's order."""
    session.execute(delete(PortalStage))
    now = wall_now()
    session.add_all(
        PortalStage(
            hubspot_stage_id=stage.id,
            label=stage.label,
            pipeline_label=stage.pipeline_label,
            read_at=now,
        )
        for stage in stages
    )


def kept_stages(session: ScopedSession) -> Sequence[PortalStage]:
    """The stages in the order of their pipelines; none before the first reading."""
    return session.scalars(select(PortalStage).order_by(PortalStage.id)).all()
