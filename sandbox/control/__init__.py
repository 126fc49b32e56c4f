"""What a tester may do to the sandbox: arm faults, move business time, start again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from sandbox.control import api

if TYPE_CHECKING:
    from sandbox.world import World


def blueprint(world: World) -> Blueprint:
    """JSON under `/control`."""
    del world
    parent = Blueprint("control", __name__)
    parent.register_blueprint(api.routes)
    return parent
