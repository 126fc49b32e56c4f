"""A vendor that was to be connected again, and works again without: its key came back."""

from app.accounts.connections import begin_connection, connected, credentials_used
from app.accounts.retention import come_back
from app.accounts.stripe_standing import judge
from app.db import ScopedSession
from app.models import Preferences, Tenant


def note_recovery(session: ScopedSession, provider: str) -> None:
    """What waited for the vendor is done: with the credentials we hold, if it used any.

    Then nobody has to connect it again, and the data of a portal that was thought gone stays.
    """
    connection = begin_connection(session, provider)
    used = credentials_used(provider) == connection.refreshed
    if connection.status != "reconnect_needed" or not used:
        return
    connected(session, connection)
    if provider == "stripe":
        judge(connection, session.get_one(Preferences, session.scope).language)
    if provider == "hubspot":
        come_back(session.get_one(Tenant, session.scope))
