"""The frames of HubSpot's answers: batches of at most 100 inputs, lists in pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request

from sandbox.hubspot.errors import invalid
from sandbox.hubspot.values import timestamp

if TYPE_CHECKING:
    from sandbox.world import World

_LIMIT = 100
_MOST = 500


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
        "errors": [],
        "links": {},
    }


def one_page(results: list[dict[str, Any]]) -> dict[str, Any]:
    """Frame one page of a list: `limit` at a time, `after` what the last page's `paging` said."""
    limit, after = request.args.get("limit", "100"), request.args.get("after", "0")
    if not (limit.isdigit() and 0 < int(limit) <= _MOST and after.isdigit()):
        raise invalid(f"limit must be from 1 to {_MOST}, and after come from the last page")
    end = int(after) + int(limit)
    page: dict[str, Any] = {"results": results[int(after) : end]}
    if end < len(results):
        link = f"{request.base_url}?limit={limit}&after={end}"
        page["paging"] = {"next": {"after": str(end), "link": link}}
    return page
