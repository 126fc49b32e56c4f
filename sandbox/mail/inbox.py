"""The inbox page, one message's page, and the same as JSON."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from sandbox.mail.messages import described, table
from sandbox.world import current_world

routes = Blueprint("inbox", __name__)


@routes.get("/messages.json")
def messages_json() -> dict[str, Any]:
    """Every arrival, oldest first."""
    return {"messages": [described(record) for record in table(current_world()).values()]}
