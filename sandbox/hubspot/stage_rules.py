"""An administrator's rule on a stage: since 2026-09 it also refuses what an app writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.hubspot.errors import invalid
from sandbox.hubspot.portals import PIPELINES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.hubspot.errors import HubSpotError
    from sandbox.store import Record, Table
    from sandbox.world import World

PROPERTY = "closed_won_reason"
MESSAGE = "Complétez le motif de gain avant de passer la transaction à cette étape."


def rules(world: World, portal: str) -> Table:
    """Return the rules of a portal: stage id -> {"message", "property"}.

    With `property` a rule refuses only while the deal has no such value; without, always.
    """
    return world.store.table("hubspot", portal, "stage_rules")


def check(world: World, portal: str, deal: Record, values: Mapping[str, str]) -> None:
    """Raise 400 VALIDATION_ERROR when the write moves the deal against a rule of the stage.

    Likewise into a stage of another pipeline than the deal's.
    """
    stage, becomes = values.get("dealstage"), {**deal["properties"], **values}
    if not stage:
        return
    pipeline = becomes.get("pipeline") or "default"
    if stage not in _stages(pipeline):
        raise _refusal(f"Stage {stage} is not a stage of pipeline {pipeline}.", "dealstage")
    rule = rules(world, portal).get(stage)
    if rule is None or deal["properties"].get("dealstage") == stage:
        return
    needed = rule.get("property")
    if not (needed and becomes.get(needed)):
        raise _refusal(rule["message"], needed or "dealstage")


def _stages(pipeline: str) -> set[str]:
    return {stage for name, _, held in PIPELINES if name == pipeline for stage, _, _ in held}


def _refusal(message: str, name: str) -> HubSpotError:
    return invalid(message, errors=[{"message": message, "context": {"propertyName": [name]}}])
