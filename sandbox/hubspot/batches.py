"""The frame of HubSpot's batch calls: at most 100 inputs, 207 when some failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.hubspot.errors import invalid
from sandbox.hubspot.values import timestamp

if TYPE_CHECKING:
    from sandbox.world import World

_LIMIT = 100


def inputs_of(body: Any) -> list[dict[str, Any]]:
    """Return the `inputs` of a batch body; 400 when there are none or more than 100."""
    inputs = body.get("inputs") if isinstance(body, dict) else None
    if not isinstance(inputs, list) or not all(isinstance(entry, dict) for entry in inputs):
        raise invalid("Invalid input JSON: inputs must be a list of objects")
    if len(inputs) > _LIMIT:
        raise invalid(f"Batch of {len(inputs)} exceeds the limit of {_LIMIT} inputs.")
    return inputs


def batch_answer(
    world: World, results: list[dict[str, Any]], errors: list[dict[str, Any]]
) -> tuple[dict[str, Any], int]:
    """Frame results and errors; any error makes the status 207."""
    now = timestamp(world.clock.wall())
    answer: dict[str, Any] = {
        "status": "COMPLETE",
        "results": results,
        "startedAt": now,
        "completedAt": now,
    }
    if not errors:
        return answer, 200
    return {**answer, "numErrors": len(errors), "errors": errors}, 207


def missing_error(kind: str, ids: list[str]) -> dict[str, Any]:
    """Make the one error that names the ids HubSpot could not find."""
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": f"Could not get some {kind.upper()} objects, they may be deleted or not exist. "
        "Check that ids are valid.",
        "context": {"ids": ids},
    }
