"""The mail server and the inbox everybody's mail lands in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

from sandbox.mail import inbox
from sandbox.mail.sink import start_sink

if TYPE_CHECKING:
    from sandbox.world import World

__all__ = ["blueprint", "start_sink"]


def blueprint(world: World) -> Blueprint:
    """Pages and JSON under `/mail`."""
    del world
    parent = Blueprint("mail", __name__)
    parent.register_blueprint(inbox.routes)
    return parent
