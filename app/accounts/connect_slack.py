"""Connecting Slack: it counts as connected only after a message was posted and read back."""

from app.accounts.audit import Who
from app.accounts.proven import Proven, begin, keep
from app.clock import CLOCKS_APART, wall_now
from app.errors import AppError, ProviderError
from app.language import say
from app.reasons import reason_of
from app.runtime import Runtime


def connect_slack(
    runtime: Runtime, tenant_id: int, token: str, channel: str, language: str, *, who: Who
) -> None:
    """Enter the channel, post a test message and read it back with its metadata.

    Raises `AppError` with one sentence that says what to do in Slack.
    """
    from app.providers.slack.channel import SlackChannel

    connection = begin(runtime, tenant_id, "slack")
    slack = SlackChannel(runtime.settings.slack_api_base, token)
    try:
        team = slack.test_auth()
        found = slack.find_channel(channel.strip().removeprefix("#"))
        if found is None:
            raise AppError("channel_unknown", say(language, "connect.channel_unknown"))
        if found.is_archived:
            raise AppError("archived", say(language, "connect.archived", name=found.name))
        if not found.is_member and found.is_private:
            raise AppError("not_invited", say(language, "connect.not_invited", name=found.name))
        if not found.is_member:
            slack.join(found.id)
        message_id = f"{tenant_id}:slack.test:{connection.public_id}:{connection.refreshed + 1}"
        began = wall_now()
        slack.post(found.id, say(language, "connect.slack_test"), [], message_id)
        if not slack.find_posted(found.id, message_id, began - CLOCKS_APART):
            raise AppError("not_readable", say(language, "connect.not_readable"))
    except ProviderError as error:
        sentence = say(language, "connect.slack_refused", reason=reason_of(error).said(language))
        raise AppError("slack_refused", sentence) from error
    details = {"channel_id": found.id, "channel_name": found.name}
    proven = Proven(team.team_id, team.team, True, {"token": token}, details)
    keep(runtime, tenant_id, "slack", proven, who)
