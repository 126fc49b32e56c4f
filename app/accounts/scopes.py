"""The permissions a portal granted, beside those this version asks for: they grow with it."""

import hashlib
from collections.abc import Iterable

from app import messages
from app.accounts.connections import connection_problem, find_connection
from app.db import ScopedSession
from app.errors import ProviderError
from app.messages import Claimed
from app.models import Connection
from app.providers.hubspot.authorize import SCOPES
from app.reasons import reason_of


def keep_scopes(session: ScopedSession, connection: Connection, granted: Iterable[str]) -> None:
    """Remember what was granted; the owner is told once of each set of permissions we miss."""
    listed = sorted(granted)
    if connection.details.get("scopes") != listed:
        connection.details = {**connection.details, "scopes": listed}
    if missing_scopes(connection):
        _tell_owner(session, connection)


def lack_scope(session: ScopedSession, _message: Claimed, error: ProviderError) -> None:
    """HubSpot refused a call for want of a permission; what needs no more than we have goes on."""
    connection_problem(session, "hubspot", reason_of(error))
    if connection := find_connection(session, "hubspot"):
        _tell_owner(session, connection)


def _tell_owner(session: ScopedSession, connection: Connection) -> None:
    missing = " ".join(missing_scopes(connection)).encode()
    fact = f"{connection.id}:{hashlib.sha256(missing).hexdigest()[:16]}"
    messages.add(session, "email.owner_permissions", fact, payload={"permissions": "hubspot"})


def missing_scopes(connection: Connection) -> list[str]:
    """Those this version asks for that were not granted; none while we do not know."""
    granted = connection.details.get("scopes")
    return [scope for scope in SCOPES if scope not in granted] if granted else []
