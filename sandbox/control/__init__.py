"""What a tester may do to the sandbox: arm faults, move business time, start again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from sandbox.control import api, fault_buttons, marks, page, process_buttons, vendors

if TYPE_CHECKING:
    from sandbox.world import World


def blueprint(world: World) -> Blueprint:
    """Make page and JSON under `/control`."""
    del world
    parent = Blueprint("control", __name__)
    for part in (api, vendors, marks, page, fault_buttons, process_buttons):
        parent.register_blueprint(part.routes)
    return parent
