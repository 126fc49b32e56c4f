"""What applies: the tenant's choice, else what the portal says."""

from zoneinfo import ZoneInfo

from app.db import ScopedSession
from app.models import Preferences, Tenant


def chosen_zone(session: ScopedSession) -> ZoneInfo:
    """The time zone of the tenant's days and hours."""
    preferences = session.get(Preferences, session.scope)
    chosen = preferences.time_zone if preferences else ""
    return ZoneInfo(chosen or session.get_one(Tenant, session.scope).time_zone)


def chosen_currency(session: ScopedSession) -> str:
    """The currency of a deal that has none; "" where even the portal has none."""
    chosen = session.get_one(Preferences, session.scope).currency
    return chosen or session.get_one(Tenant, session.scope).currency
