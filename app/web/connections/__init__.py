"""The connections page, and one module for each box on it."""

from app.web.connections import hubspot, mail, slack, slack_oauth, stripe
from app.web.connections.page import blueprint

__all__ = ["blueprint", "hubspot", "mail", "slack", "slack_oauth", "stripe"]
