"""Reads the workspace's channels, and what became of those that messages go to."""

from app.accounts.channels import channels_used, keep_channels
from app.accounts.clients import slack_client
from app.accounts.connections import find_connection, were_replaced
from app.db import ScopedSession
from app.messages import Claimed, Ignored
from app.providers.slack.channel import Channel
from app.runtime import Runtime
from workers.handler import Effect


def work(runtime: Runtime, message: Claimed) -> Effect:
    """payload: nothing."""
    with runtime.database.reading(message.tenant_id) as session:
        connection = find_connection(session, "slack")
        used = channels_used(session)
    if connection is None or not connection.sealed:
        raise Ignored("Slack is not connected")
    slack = slack_client(runtime, connection)
    seen = slack.open_channels()
    listed = {channel.id for channel in seen}
    others = [slack.read_channel(wanted) for wanted in used - listed]
    found = [*seen, *(channel for channel in others if channel)]
    return lambda session: _keep(session, found)


def _keep(session: ScopedSession, found: list[Channel]) -> None:
    """Unless somebody connected another workspace meanwhile: that one's are being read, too."""
    if not were_replaced(session, "slack"):
        keep_channels(session, found)
