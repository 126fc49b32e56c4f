"""Connecting Slack: a bot token that works and may do all we do."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app.accounts.channels import CHANNELS, forget_channels
from app.accounts.choose_channel import CHANNEL_FAILED, in_words, keep_choice, prove
from app.accounts.connections import begin_connection
from app.accounts.proven import Proven, begin, store
from app.accounts.slack_app import exchange_code
from app.audit import Who
from app.db import ScopedSession
from app.errors import AppError
from app.language import say
from app.models import Connection
from app.providers.slack.authorize import SCOPES
from app.reasons import Reason
from app.runtime import Runtime

if TYPE_CHECKING:
    from app.providers.slack.channel import Channel, SlackChannel, Team

TOKEN = re.compile("[!-~]{1,500}")


def connect_by_code(
    runtime: Runtime, tenant_id: int, code: str, language: str, *, who: Who
) -> None:
    """Exchange the code that Slack gave for a bot token, then as `connect_slack`."""
    with in_words(language):
        token = exchange_code(runtime, tenant_id, code)
    connect_slack(runtime, tenant_id, token, language, who=who)


def connect_slack(runtime: Runtime, tenant_id: int, token: str, language: str, *, who: Who) -> None:
    """Keep a bot token that works; in the same workspace as before, try its channel again.

    Raises `AppError` with one sentence that says what to do in Slack. A token whose channel alone
    does not work is kept all the same: another channel can be chosen with it.
    """
    from app.providers.slack.channel import SlackChannel

    if not TOKEN.fullmatch(token):  # no header could carry it to Slack
        reason = Reason("slack.invalid_auth", vendor="slack").said(language)
        raise AppError("slack_refused", say(language, "connect.slack_refused", reason=reason))
    connection = begin(runtime, tenant_id, "slack")
    slack = SlackChannel(runtime.settings.slack_api_base, token)
    with in_words(language):
        team = slack.test_auth()
    if missing := sorted(SCOPES - team.scopes):
        sentence = say(language, "connect.scopes_missing", scopes=", ".join(missing))
        raise AppError("scopes_missing", sentence)
    same = connection.account_id == team.team_id
    channel, trouble = _tried_again(slack, connection, language) if same else (None, None)
    with runtime.database.writing(tenant_id) as session:
        _keep_token(session, runtime, token, team, who)
        if channel:
            keep_choice(session, channel, who)
    if trouble:
        raise trouble


def _tried_again(
    slack: SlackChannel, connection: Connection, language: str
) -> tuple[Channel | None, AppError | None]:
    """The channel that was chosen before, proven with the new token, or why it does not work."""
    chosen = connection.details.get("channel_id")
    if not chosen:
        return None, None
    try:
        with in_words(language, CHANNEL_FAILED):
            return prove(slack, connection, slack.read_channel(chosen), language), None
    except AppError as error:
        return None, error


def _keep_token(session: ScopedSession, runtime: Runtime, token: str, team: Team, who: Who) -> None:
    before = begin_connection(session, "slack")
    same = before.account_id == team.team_id
    if not same:
        forget_channels(session)
    details = dict(before.details) if same else {}
    proven = Proven(team.team_id, team.team, True, {"token": token}, details)
    connection = store(session, runtime, "slack", proven, who)
    CHANNELS.ask(session, f"{connection.id}:{connection.refreshed}")
