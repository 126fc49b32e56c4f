"""Where what was chosen goes: the row of preferences, and the audit log."""

from collections.abc import Mapping

from app.audit import Who, audit_changes
from app.db import ScopedSession
from app.models import Preferences

Values = Mapping[str, str | int | list[str]]


def keep(session: ScopedSession, values: Values, who: Who) -> None:
    """Change these columns of the tenant's preferences; what differs is written down."""
    row = session.get_one(Preferences, session.scope)
    before = {name: getattr(row, name) for name in values}
    audit_changes(session, who, "preferences.changed", before, values)
    for name, value in values.items():
        setattr(row, name, value)
