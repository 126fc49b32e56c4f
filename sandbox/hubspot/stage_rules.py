"""An administrator's rule on a stage: since 2026-09 it also refuses what an app writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.hubspot.errors import invalid
from sandbox.hubspot.portals import PIPELINES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.store import Record, Table
    from sandbox.world import World

PROPERTY = "closed_won_reason"
MESSAGE = "Complétez le motif de gain avant de passer la transaction à cette étape."


def rules(world: World, portal: str) -> Table:
    """Return the refused stages of a portal: stage id -> {"message", "property"}.

    With `property` the rule refuses only while the deal has no such value; without, always.
    """
    return world.store.table("hubspot", portal, "stage_rules")


def check(world: World, portal: str, deal: Record, values: Mapping[str, str]) -> None:
    """Raise 400 VALIDATION_ERROR when the write moves the deal into a stage with a rule.

    Likewise into a stage of another pipeline than the deal's.
    """
    stage = values.get("dealstage")
    pipeline = {**deal["properties"], **values}.get("pipeline") or "default"
    if stage and stage not in _stages(pipeline):
        raise invalid(
            f"Stage {stage} is not a stage of pipeline {pipeline}.",
            errors=[{"message": "wrong pipeline", "context": {"propertyName": ["dealstage"]}}],
        )
    rule = rules(world, portal).get(stage or "")
    if rule is None or deal["properties"].get("dealstage") == stage:
        return
    needed = rule.get("property")
    if needed and {**deal["properties"], **values}.get(needed):
        return
    raise invalid(
        rule["message"],
        errors=[{"message": rule["message"], "context": {"propertyName": [needed or "dealstage"]}}],
    )


def _stages(pipeline: str) -> set[str]:
    return {stage for name, _, held in PIPELINES if name == pipeline for stage, _, _ in held}
