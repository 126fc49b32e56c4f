"""Reads the workspace's channels, and what became of those that messages go to."""

from dataclasses import replace

from app.accounts.channels import channels_used, find_workspace, keep_channels, must_enter
from app.accounts.clients import slack_client
from app.accounts.connections import were_replaced
from app.db import ScopedSession
from app.messages import Claimed, Ignored
from app.providers.slack.channel import Channel, SlackChannel
from app.runtime import Runtime
from workers.handler import Effect


def work(runtime: Runtime, message: Claimed) -> Effect:
    """payload: nothing."""
    with runtime.database.reading(message.tenant_id) as session:
        connection = find_workspace(session)
        used = channels_used(session)
        new = {channel for channel in used if must_enter(session, channel)}
    if connection is None:
        raise Ignored("Slack is not connected")
    slack = slack_client(runtime, connection)
    seen = slack.open_channels()
    listed = {channel.id for channel in seen}
    others = [slack.read_channel(wanted) for wanted in used - listed]
    found = [_entered(slack, channel) if channel.id in new else channel for channel in seen]
    found += [channel for channel in others if channel]
    return lambda session: _keep(session, found)


def _entered(slack: SlackChannel, channel: Channel) -> Channel:
    """A public channel that was chosen since: the bot enters before it is needed there."""
    if channel.is_member or channel.is_private:
        return channel
    slack.join(channel.id)
    return replace(channel, is_member=True)


def _keep(session: ScopedSession, found: list[Channel]) -> None:
    """Unless somebody connected another workspace meanwhile: that one's are being read, too."""
    if not were_replaced(session, "slack"):
        keep_channels(session, found)
