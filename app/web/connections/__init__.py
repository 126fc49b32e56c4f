"""The connections page, and one module for each box on it."""

from app.web.connections import hubspot, preferences, slack, stripe
from app.web.connections.page import blueprint

__all__ = ["blueprint", "hubspot", "preferences", "slack", "stripe"]
