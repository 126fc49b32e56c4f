"""The channel that messages go to: it counts as chosen only after a message was read back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app import messages
from app.accounts.channels import CLOSED, find_kept, find_workspace, keep_channel
from app.accounts.clients import slack_client
from app.accounts.connections import begin_connection, connected
from app.audit import Who, audit_changes
from app.clock import CLOCKS_APART, wall_now
from app.db import ScopedSession
from app.errors import AppError, ProviderError
from app.language import say
from app.models import Connection
from app.reasons import reason_of
from app.runtime import Runtime

if TYPE_CHECKING:
    from app.providers.slack.channel import Channel, SlackChannel

CHANNEL_FAILED = "connect.channel_failed"


def choose_channel(
    runtime: Runtime, tenant_id: int, wanted: str, language: str, *, who: Who
) -> None:
    """Enter the channel, post a test message, read it back; from now on messages go there.

    Raises `AppError` with one sentence that says what to do in Slack.
    """
    with runtime.database.reading(tenant_id) as session:
        connection = find_workspace(session)
        known = find_kept(session, wanted)
    if connection is None:
        raise AppError("slack_first", say(language, "connect.slack_first"))
    with in_words(language, CHANNEL_FAILED):
        slack = slack_client(runtime, connection)
        seen = slack.read_channel(known) if known else slack.find_channel(wanted)
        found = prove(slack, connection, seen, language)
    with runtime.database.writing(tenant_id) as session:
        row = begin_connection(session, "slack")
        if row.refreshed == connection.refreshed:
            keep_choice(session, found, who)
        elif row.details.get("channel_id") != found.id:  # else the button was clicked twice
            raise AppError("slack_changed", say(language, "connect.slack_changed"))


def prove(
    slack: SlackChannel, connection: Connection, found: Channel | None, language: str
) -> Channel:
    """Enter it, post and read back; raises `AppError` and `ProviderError`."""
    if found is None:
        raise AppError("channel_unknown", say(language, "connect.channel_unknown"))
    if found.is_archived:
        raise AppError("archived", say(language, "connect.archived", name=found.name))
    if not found.is_member and found.is_private:
        raise AppError("not_invited", say(language, "connect.not_invited", name=found.name))
    if not found.is_member:
        slack.join(found.id)
    number = f"{connection.public_id}:{connection.refreshed + 1}"
    message_id = f"{connection.tenant_id}:slack.test:{number}"
    began = wall_now()
    slack.post(found.id, say(language, "connect.slack_test"), [], message_id)
    if not slack.find_posted(found.id, message_id, began - CLOCKS_APART):
        raise AppError("not_readable", say(language, "connect.not_readable"))
    return found


def keep_choice(session: ScopedSession, channel: Channel, who: Who) -> None:
    """Messages go there from now on; what waited for another channel becomes due at once."""
    connection = begin_connection(session, "slack")
    before = {"channel": connection.details.get("channel_name")}
    audit_changes(session, who, "slack.channel_chosen", before, {"channel": channel.name})
    connection.details = {"channel_id": channel.id, "channel_name": channel.name}
    connection.refreshed += 1
    keep_channel(session, channel)
    connected(session, connection)
    messages.wake(session, CLOSED)


@contextmanager
def in_words(language: str, key: str = "connect.slack_refused") -> Iterator[None]:
    """A refusal of Slack's is one sentence; `key` says what came to nothing."""
    try:
        yield
    except ProviderError as error:
        sentence = say(language, key, reason=reason_of(error).said(language))
        raise AppError("slack_refused", sentence) from error
