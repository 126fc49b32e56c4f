"""The portal's deal stages, and which of them an event moves a deal to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select

from app import messages
from app.accounts.connections import find_connection
from app.clock import wall_now
from app.db import Database, ScopedSession
from app.models import PipelineStage, PortalStage

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
    now, stages = wall_now(), list(stages)
    _find_pipelines(session, {stage.id: stage.pipeline_id for stage in stages})
    session.add_all(
        PortalStage(
            hubspot_stage_id=stage.id,
            pipeline_id=stage.pipeline_id,
            label=stage.label,
            pipeline_label=stage.pipeline_label,
            read_at=now,
        )
        for stage in stages
    )


def kept_stages(session: ScopedSession) -> Sequence[PortalStage]:
    """The stages in the order of their pipelines; none before the first reading."""
    return session.scalars(select(PortalStage).order_by(PortalStage.id)).all()


def stage_in(session: ScopedSession, pipeline_id: str, event: str) -> str:
    """The stage chosen for this event in this pipeline; "" for none.

    A deal whose pipeline was never read takes the choice that every pipeline agrees on.
    """
    chosen = select(PipelineStage).where(PipelineStage.event == event)
    by_pipeline = {row.pipeline_id: row.stage_id for row in session.scalars(chosen)}
    if pipeline_id:
        return by_pipeline.get(pipeline_id, by_pipeline.get("", ""))
    stages = set(by_pipeline.values())
    return stages.pop() if len(stages) == 1 else ""


def chosen_stages(session: ScopedSession) -> dict[tuple[str, str], str]:
    """Every choice: (pipeline, event) -> stage."""
    rows = session.scalars(select(PipelineStage))
    return {(row.pipeline_id, row.event): row.stage_id for row in rows}


def choose_stages(session: ScopedSession, chosen: Mapping[tuple[str, str], str]) -> None:
    """Change these choices and leave the others; "" takes one away."""
    for (pipeline_id, event), stage_id in chosen.items():
        same = (PipelineStage.pipeline_id == pipeline_id, PipelineStage.event == event)
        session.execute(delete(PipelineStage).where(*same))
        if stage_id:
            session.add(PipelineStage(pipeline_id=pipeline_id, event=event, stage_id=stage_id))


def _find_pipelines(session: ScopedSession, pipelines: Mapping[str, str]) -> None:
    """Give each choice whose pipeline is unknown the pipeline of its stage."""
    known = chosen_stages(session)
    for (pipeline_id, event), stage_id in known.items():
        if not pipeline_id and stage_id in pipelines:
            kept = known.get((pipelines[stage_id], event), stage_id)
            choose_stages(session, {("", event): "", (pipelines[stage_id], event): kept})
