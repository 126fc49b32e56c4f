"""Slack: API under `/slack/api/`, OAuth under `/slack/oauth/`, window under `/slack/client/`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from sandbox.slack import api, client, oauth
from sandbox.slack.teams import plant

if TYPE_CHECKING:
    from sandbox.world import World


def blueprint(world: World) -> Blueprint:
    """Make API and window; two workspaces are planted first."""
    world.seed(lambda: plant(world))
    parent = Blueprint("slack", __name__)
    parent.register_blueprint(api.routes)
    parent.register_blueprint(client.routes)
    parent.register_blueprint(oauth.routes)
    return parent
