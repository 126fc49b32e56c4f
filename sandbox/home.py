"""The demo's first page: four windows and three lines what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

if TYPE_CHECKING:
    from sandbox.world import World

routes = Blueprint("home", __name__)


@routes.get("/")
def home() -> str:
    return "sandbox"


def blueprint(world: World) -> Blueprint:
    """Serve the page at `/`."""
    del world
    return routes
