"""Slack: its API under `/slack/api/`, its window under `/slack/client/`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from sandbox.slack import api, client
from sandbox.slack.teams import plant

if TYPE_CHECKING:
    from sandbox.world import World


def blueprint(world: World) -> Blueprint:
    """Make API and window; two workspaces are planted first."""
    world.seed(lambda: plant(world))
    parent = Blueprint("slack", __name__)
    parent.register_blueprint(api.routes)
    parent.register_blueprint(client.routes)
    return parent
