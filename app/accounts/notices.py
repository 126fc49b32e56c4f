"""Who of the seller's people is told of what: by mail, and in which Slack channel."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select, update

from app.db import ScopedSession
from app.models import Notice


@dataclass(frozen=True, slots=True)
class Rule:
    """Who is told of one event. `others` are mail addresses, `channel_id` "" the usual channel."""

    to_rep: bool = True
    to_owner: bool = False
    others: tuple[str, ...] = ()
    to_slack: bool = False
    channel_id: str = ""


DEFAULTS: Mapping[str, Rule] = {
    "sent": Rule(to_rep=False),
    "accepted": Rule(to_slack=True),
    "declined": Rule(),
    "paid": Rule(to_slack=True),
    "failed": Rule(),
    "renewal_failed": Rule(),
    "still_waiting": Rule(),
}
# Slack hears of what happened, not of what did not happen yet.
IN_SLACK = tuple(event for event in DEFAULTS if event != "still_waiting")


def rule_for(session: ScopedSession, event: str) -> Rule:
    """Who is told of this event, one of `DEFAULTS`."""
    row = session.scalars(select(Notice).where(Notice.event == event)).first()
    return _rule(row) if row else DEFAULTS[event]


def all_rules(session: ScopedSession) -> dict[str, Rule]:
    chosen = {row.event: _rule(row) for row in session.scalars(select(Notice))}
    return {event: chosen.get(event, rule) for event, rule in DEFAULTS.items()}


def change_rules(session: ScopedSession, rules: Mapping[str, Rule]) -> None:
    rows = {row.event: row for row in session.scalars(select(Notice).with_for_update())}
    for event, rule in rules.items():
        row = rows.get(event) or Notice(event=event)
        row.to_rep, row.to_owner, row.to_slack = rule.to_rep, rule.to_owner, rule.to_slack
        row.others, row.channel_id = " ".join(rule.others), rule.channel_id
        session.add(row)


def use_usual_channel(session: ScopedSession) -> None:
    """No event has a channel of its own any more."""
    session.execute(update(Notice).values(channel_id=""))


def _rule(row: Notice) -> Rule:
    others = tuple(row.others.split())
    return Rule(row.to_rep, row.to_owner, others, row.to_slack, row.channel_id)
