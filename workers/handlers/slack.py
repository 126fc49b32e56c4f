"""Tells the team: one Slack message for each fact."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from app.accounts.channels import (
    channel_for,
    channel_lost,
    channel_works,
    entered_channels,
    find_workspace,
    get_channel,
    must_enter,
)
from app.accounts.clients import slack_client
from app.accounts.connections import connection_problem
from app.accounts.notices import IN_SLACK
from app.clock import CLOCKS_APART
from app.db import ScopedSession
from app.errors import FailureKind, ProviderError
from app.language import say
from app.messages import Claimed, Ignored
from app.models import Proposal
from app.proposals.problems import note_problem
from app.proposals.request import rep_language
from app.providers.slack.channel import SlackChannel
from app.reasons import Reason
from app.runtime import Runtime
from app.wording.slack import accepted, happened, paid
from workers.handler import Effect
from workers.handlers.facts import proposal_facts
from workers.handlers.held import refuse_unless_held

Words = Callable[[Mapping[str, Any], str], tuple[str, list[dict[str, Any]]]]
WORDS: Mapping[str, Words] = {
    "accepted": accepted,
    "paid": paid,
    **{event: partial(happened, event) for event in IN_SLACK if event not in ("accepted", "paid")},
}


def work(runtime: Runtime, message: Claimed) -> Effect:
    """payload: `proposal_id`."""
    with runtime.database.reading(message.tenant_id) as session:
        connection = find_workspace(session)
        if connection is None:
            raise Ignored("Slack is not connected")
        channel = get_channel(session, message.kind)
        enters, others = must_enter(session, channel), entered_channels(session)
        facts = proposal_facts(session, runtime, message.payload)
    text, blocks = WORDS[message.kind.removeprefix("slack.")](facts, facts["language"])
    slack = slack_client(runtime, connection)
    if enters:
        slack.join(channel)
    if not (message.doubts and _is_posted(slack, message, channel, others)):
        refuse_unless_held(runtime, message)
        slack.post(channel, text, blocks, message.operation_key)
    return lambda session: _posted(session, channel)


def _is_posted(slack: SlackChannel, message: Claimed, channel: str, others: Sequence[str]) -> bool:
    """Look for our own id, which goes with the message, before repeating after a lost answer.

    Another channel may have been chosen since: then it may stand in any other that we are in.
    """
    key, since = message.operation_key, message.created_at - CLOCKS_APART
    if slack.find_posted(channel, key, since):
        return True
    return any(_stands_in(slack, other, key, since) for other in others if other != channel)


def _stands_in(slack: SlackChannel, channel: str, key: str, since: datetime) -> bool:
    try:
        return slack.find_posted(channel, key, since) is not None
    except ProviderError as error:
        if error.kind is not FailureKind.BLOCKED:
            raise
        return False  # put out of there, we cannot look


def _posted(session: ScopedSession, channel: str) -> None:
    connection_problem(session, "slack", None)
    channel_works(session, channel)


def when_blocked(session: ScopedSession, message: Claimed, error: ProviderError) -> None:
    """Say on the connections page and to the owner that the channel takes nothing; it waits."""
    channel = channel_for(session, message.kind)
    if channel:
        channel_lost(session, channel, error.code or "")


def when_dead(session: ScopedSession, message: Claimed, reason: Reason) -> None:
    """Say on connections page and deal why the team got no message: not in the channel..."""
    connection_problem(session, "slack", reason)
    proposal = session.get_one(Proposal, message.payload["proposal_id"])
    language = rep_language(session, proposal)
    words = say(language, "card.team_not_told", reason=reason.said(language))
    note_problem(session, proposal.deal_id, message, words)
