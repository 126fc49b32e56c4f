"""The portal's deal stages, and which of them an event moves a deal to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from app.accounts.reading import Reading
from app.clock import wall_now
from app.db import ScopedSession
from app.models import PipelineStage, PortalStage

if TYPE_CHECKING:
    from app.providers.hubspot.answers import Stage

STAGES = Reading("hubspot.read_stages", "stages", PortalStage.read_at, timedelta(days=1))


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
