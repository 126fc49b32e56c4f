"""Tells the seller's people of an event: whom and where, they chose themselves."""

from collections.abc import Iterator
from typing import Any

from app import messages
from app.accounts.notices import IN_SLACK, Rule, rule_for
from app.accounts.quiet import NOT_AT_ALL, quiet_wait
from app.db import ScopedSession
from app.models import Preferences, Proposal

# A payment that failed loses money while it waits; the rep may still reach the customer tonight.
NEVER_WAITS = frozenset({"failed", "renewal_failed"})


def tell(session: ScopedSession, event: str, fact: str, payload: dict[str, Any]) -> None:
    """Add the messages about this event of `notices.DEFAULTS`: each person and channel once.

    `payload` has the `proposal_id`; `fact` is as in `messages.add`.
    """
    tell_team(session, event, fact, payload)
    tell_by_mail(session, event, fact, payload)


def tell_team(session: ScopedSession, event: str, fact: str, payload: dict[str, Any]) -> None:
    """The part of it that goes to Slack, which waits for the end of the quiet hours."""
    if event in IN_SLACK and rule_for(session, event).to_slack:
        after = quiet_wait(session)
        messages.add(session, f"slack.{event}", fact, payload=payload, after=after)


def tell_by_mail(session: ScopedSession, event: str, fact: str, payload: dict[str, Any]) -> None:
    """The part of it that goes by mail: to the rep, and as copies to whoever was chosen."""
    rule, kind = rule_for(session, event), f"email.rep_{event}"
    after = NOT_AT_ALL if event in NEVER_WAITS else quiet_wait(session)
    if rule.to_rep:
        messages.add(session, kind, fact, payload=payload, after=after)
    for address in _copies(session, rule, payload["proposal_id"]):
        copy = payload | {"copy_to": address}
        messages.add(session, kind, f"{fact}:{address}", payload=copy, after=after)


def _copies(session: ScopedSession, rule: Rule, proposal_id: int) -> Iterator[str]:
    """Each address once, and not the rep's, who has her own."""
    preferences = session.get(Preferences, session.scope)
    owner = (preferences.reply_to,) if rule.to_owner and preferences else ()
    had = {session.get_one(Proposal, proposal_id).rep_email.lower()} if rule.to_rep else set()
    for address in (*owner, *rule.others):
        if address and address.lower() not in had:
            had.add(address.lower())
            yield address
