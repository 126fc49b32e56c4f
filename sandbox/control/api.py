"""The control page's JSON: faults, time, journal, reset."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from flask import Blueprint, request

from sandbox.clock import ClockError
from sandbox.faults import FaultError
from sandbox.world import current_world

routes = Blueprint("control_api", __name__)

Answer = tuple[dict[str, Any], int]


@routes.errorhandler(FaultError)
def refuse_fault(problem: FaultError) -> Answer:
    return {"error": str(problem)}, 400


@routes.errorhandler(ClockError)
def refuse_move(problem: ClockError) -> Answer:
    return {"error": str(problem)}, 409


@routes.post("/faults")
def arm() -> Answer:
    """Arm one fault from the JSON fields of `sandbox.faults.Fault`."""
    return asdict(current_world().faults.arm(**request.get_json())), 201


@routes.get("/faults")
def armed() -> dict[str, Any]:
    return {"faults": current_world().faults.listed()}


@routes.delete("/faults")
def disarm() -> Answer:
    current_world().faults.clear()
    return {}, 200


@routes.post("/advance")
def advance() -> dict[str, Any]:
    """Move business time by `days` and `seconds`, on both sides."""
    wanted = request.get_json()
    step = timedelta(days=wanted.get("days", 0), seconds=wanted.get("seconds", 0))
    return {"now": current_world().clock.advance(step).isoformat()}


@routes.post("/reset")
def reset() -> dict[str, Any]:
    """Forget everything but what is seeded: objects, tokens, faults, arrivals, moved time."""
    current_world().reset()
    return {}


@routes.get("/journal")
def journal() -> dict[str, Any]:
    """Arrivals (`?vendor=`), oldest first, and counts per method and path."""
    world = current_world()
    return {
        "entries": world.journal.entries(request.args.get("vendor")),
        "counts": world.journal.counts(),
        "now": world.clock.now().isoformat(),
    }
