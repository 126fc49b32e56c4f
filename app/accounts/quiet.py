"""Quiet hours: what may wait until the tenant's morning does."""

from datetime import datetime, time, timedelta

from app.accounts.preferences.chosen import chosen_zone
from app.clock import wall_now
from app.db import ScopedSession
from app.models import Preferences

NOT_AT_ALL = timedelta(0)


def quiet_wait(session: ScopedSession) -> timedelta:
    """How long a message that may wait has to: until the quiet hours end, if they are on now."""
    preferences = session.get(Preferences, session.scope)
    if preferences is None or not preferences.quiet_from:
        return NOT_AT_ALL
    begin, end = map(time.fromisoformat, (preferences.quiet_from, preferences.quiet_until))
    return left_of_quiet(wall_now().astimezone(chosen_zone(session)), begin, end)


def left_of_quiet(now: datetime, begin: time, end: time) -> timedelta:
    """The time until the quiet hours end; none outside them. `now` carries the tenant's zone.

    They may go past midnight. An hour that is lost or lived twice in their night counts as real.
    """
    clock = now.time()
    over_midnight = begin > end
    inside = clock >= begin or clock < end if over_midnight else begin <= clock < end
    if not inside:
        return NOT_AT_ALL
    tomorrow = over_midnight and clock >= begin
    last_day = now.date() + timedelta(days=tomorrow)
    ends = datetime.combine(last_day, end, now.tzinfo)
    return timedelta(seconds=max(ends.timestamp() - now.timestamp(), 0))
