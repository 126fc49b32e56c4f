"""The workspace's channels: read by a worker, kept for whoever chooses one, with what ails them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, or_, select

from app import messages
from app.accounts.connections import LEAVING, find_connection
from app.accounts.notices import all_rules, rule_for, use_usual_channel
from app.accounts.reading import Reading
from app.clock import wall_now
from app.db import ScopedSession, find_or_add
from app.errors import FailureKind, ProviderError
from app.models import Connection, TeamChannel
from app.reasons import Reason, reason_of

if TYPE_CHECKING:
    from app.providers.slack.channel import Channel

CHANNELS = Reading("slack.read_channels", "channels", TeamChannel.read_at, timedelta(hours=1))
# What a message waits for whose channel takes none; `FailureKind.BLOCKED` makes it wait so.
CLOSED = "slack.blocked"
# What a list of channels can tell; whether the bot may post shows only when it does.
VISIBLE = frozenset({"channel_not_found", "is_archived", "not_in_channel"})


def find_workspace(session: ScopedSession) -> Connection | None:
    """The connection to Slack; None where there is none, or none any more."""
    slack = find_connection(session, "slack")
    return slack if slack and slack.sealed and slack.status != LEAVING else None


def ask_tonight(session: ScopedSession, now: datetime) -> None:
    """Have them read while nobody posts: a channel that is lost is better told before it is needed.

    `now` is business time.
    """
    slack = find_connection(session, "slack")
    if slack and slack.status == "connected":
        CHANNELS.ask(session, f"night of {now:%Y-%m-%d}")


def kept_channels(session: ScopedSession) -> Sequence[TeamChannel]:
    """The channels one may choose, by name, as last read; none before the first reading."""
    choosable = select(TeamChannel).where(TeamChannel.is_archived.is_(False))
    return session.scalars(choosable.order_by(TeamChannel.name)).all()


def find_kept(session: ScopedSession, name: str) -> str:
    """Slack's id of a kept channel, by its name with or without #; "" for none."""
    named = TeamChannel.name == name.strip().removeprefix("#").lower()
    return session.scalars(select(TeamChannel.slack_channel_id).where(named)).first() or ""


def channel_for(session: ScopedSession, kind: str) -> str:
    """Slack's id of the channel that messages of this kind go to; "" while none is chosen."""
    event = kind.removeprefix("slack.")
    return rule_for(session, event).channel_id or usual_channel(session)


def usual_channel(session: ScopedSession) -> str:
    """Slack's id of the channel chosen with the connection; "" while none is."""
    connection = find_connection(session, "slack")
    return str(connection.details.get("channel_id", "")) if connection else ""


def get_channel(session: ScopedSession, kind: str) -> str:
    """As `channel_for`; raises `ProviderError` BLOCKED while none is chosen."""
    channel = channel_for(session, kind)
    if not channel:
        code = "no_channel"
        raise ProviderError("slack", FailureKind.BLOCKED, "No channel is chosen.", code=code)
    return channel


def must_enter(session: ScopedSession, slack_channel_id: str) -> bool:
    """Whether the bot was never in this public channel: it enters without asking anybody.

    Where it was put out, it does not come back by itself.
    """
    row = _find(session, slack_channel_id)
    never = row is not None and not (row.is_member or row.is_private or row.is_archived)
    return row is not None and never and not row.trouble


def entered_channels(session: ScopedSession) -> Sequence[str]:
    """Slack's ids of the channels where the bot is, as last read."""
    entered = select(TeamChannel.slack_channel_id).where(TeamChannel.is_member)
    return session.scalars(entered.order_by(TeamChannel.id)).all()


def channels_used(session: ScopedSession) -> frozenset[str]:
    """Slack's ids of the channels that any message goes to."""
    own = {rule.channel_id for rule in all_rules(session).values() if rule.to_slack}
    return frozenset({usual_channel(session), *own} - {""})


def keep_channels(session: ScopedSession, seen: Iterable[Channel]) -> None:
    """Replace the stored channels by these; those in use stay, with what is wrong with them."""
    used, found = channels_used(session), {channel.id: channel for channel in seen}
    session.execute(delete(TeamChannel).where(TeamChannel.slack_channel_id.not_in(used)))
    for slack_channel_id in used:
        _judge(session, slack_channel_id, found.get(slack_channel_id))
    now = wall_now()
    rows = (channel for channel in found.values() if channel.id not in used)
    session.add_all(TeamChannel(**_facts(channel), read_at=now) for channel in rows)


def keep_channel(session: ScopedSession, channel: Channel) -> None:
    """Store one that was tried just now and works."""
    row = _row(session, channel.id)
    for name, value in _facts(channel).items():
        setattr(row, name, value)
    row.is_member, row.trouble, row.read_at = True, "", wall_now()


def forget_channels(session: ScopedSession) -> None:
    """The workspace is another one."""
    session.execute(delete(TeamChannel))
    use_usual_channel(session)


def channel_lost(session: ScopedSession, slack_channel_id: str, code: str) -> None:
    """Slack takes nothing for this channel: say so on the connections page and, once, by mail."""
    row = _row(session, slack_channel_id)
    if not row.trouble:
        row.lost_at = wall_now()
        fact = f"{row.id}:{row.lost_at.isoformat()}"
        messages.add(session, "email.owner_channel", fact, payload={"channel_id": slack_channel_id})
    row.trouble = code


def channel_works(
    session: ScopedSession, slack_channel_id: str, healed: Collection[str] | None = None
) -> None:
    """It takes messages again, and what waited is sent; `healed`: only these troubles are over."""
    lost = or_(TeamChannel.trouble != "", TeamChannel.is_member.is_(False))
    wanted = select(TeamChannel).where(TeamChannel.slack_channel_id == slack_channel_id, lost)
    row = session.scalars(wanted.with_for_update()).first()
    if row is None:
        return
    row.is_member = True
    if row.trouble and (healed is None or row.trouble in healed):
        row.trouble = ""
        messages.wake(session, CLOSED)


def lost_channels(session: ScopedSession) -> Sequence[TeamChannel]:
    """The channels in use that take no messages; `trouble` is Slack's word for why."""
    lost = select(TeamChannel).where(
        TeamChannel.trouble != "", TeamChannel.slack_channel_id.in_(channels_used(session))
    )
    return session.scalars(lost.order_by(TeamChannel.name)).all()


def trouble_of(row: TeamChannel) -> Reason:
    """Why a channel takes no messages, to be said in the reader's language."""
    return reason_of(ProviderError("slack", FailureKind.BLOCKED, "", code=row.trouble))


def _judge(session: ScopedSession, slack_channel_id: str, channel: Channel | None) -> None:
    """Compare a channel in use with what Slack says of it now."""
    row = _row(session, slack_channel_id)
    row.read_at = wall_now()
    if channel is None:
        channel_lost(session, slack_channel_id, "channel_not_found")
        return
    for name, value in _facts(channel).items():
        setattr(row, name, value)
    trouble = "is_archived" if channel.is_archived else "not_in_channel"
    if channel.is_member and not channel.is_archived:
        channel_works(session, slack_channel_id, VISIBLE)
    else:
        channel_lost(session, slack_channel_id, trouble)


def _row(session: ScopedSession, slack_channel_id: str) -> TeamChannel:
    """Its row, locked until it is written; made if need be."""
    connection = find_connection(session, "slack")
    name = str(connection.details.get("channel_name", "")) if connection else ""
    new = TeamChannel(slack_channel_id=slack_channel_id, name=name, read_at=wall_now())
    return find_or_add(session, lambda: _find(session, slack_channel_id, lock=True), new)


def _find(
    session: ScopedSession, slack_channel_id: str, *, lock: bool = False
) -> TeamChannel | None:
    wanted = select(TeamChannel).where(TeamChannel.slack_channel_id == slack_channel_id)
    return session.scalars(wanted.with_for_update() if lock else wanted).first()


def _facts(channel: Channel) -> Mapping[str, object]:
    return {
        "slack_channel_id": channel.id,
        "name": channel.name,
        "is_private": channel.is_private,
        "is_member": channel.is_member,
        "is_archived": channel.is_archived,
    }
