"""What the box of Slack shows: where messages go, what is wrong there, which channels there are."""

from typing import Any

from app.accounts.channels import kept_channels, lost_channels, trouble_of
from app.db import ScopedSession
from app.models import Connection
from app.settings import Settings


def slack_box(
    session: ScopedSession, settings: Settings, row: Connection | None, language: str
) -> dict[str, Any]:
    """What the template needs beside the state that every box has."""
    box: dict[str, Any] = {"can_be_added": bool(settings.slack_client_id)}
    if row is None or not row.sealed:
        return box
    channel = row.details.get("channel_name", "")
    if row.status == "connected" and not channel:
        box["status"] = "no_channel"
    return box | {
        "channel": channel,
        "channels": kept_channels(session),
        "lost": [(lost.name, trouble_of(lost).said(language)) for lost in lost_channels(session)],
    }
