"""Notes that a demo step leaves in the sandbox's store, so that it is done once."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, request

from sandbox.world import current_world

routes = Blueprint("control_marks", __name__, url_prefix="/marks")


@routes.get("/<name>")
def read(name: str) -> dict[str, Any]:
    """Return a note; 404 while there is none."""
    note = current_world().store.table("marks").get(name)
    if note is None:
        abort(404)
    return note


@routes.put("/<name>")
def write(name: str) -> dict[str, Any]:
    """Keep a JSON object under a name."""
    note: dict[str, Any] = request.get_json()
    current_world().store.table("marks")[name] = note
    return note
