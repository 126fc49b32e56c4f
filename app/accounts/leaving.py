"""Leaving HubSpot on our side: told to HubSpot by a worker, once, then its tokens are forgotten."""

from app import messages
from app.accounts.connections import (
    DISCONNECTED,
    LEAVING,
    begin_connection,
    find_connection,
)
from app.audit import Who, audit
from app.db import Database, ScopedSession
from app.errors import AppError
from app.language import say
from app.models import Connection


def leave_hubspot(
    database: Database, tenant_id: int, who: Who, language: str, *, sure: bool
) -> None:
    """Have a worker uninstall us; raises `AppError` unless the person said that she is sure.

    Pushes to the CRM end now. Asked again, nothing more happens.
    """
    if not sure:
        raise AppError("not_sure", say(language, "connect.leave_confirm"))
    with database.writing(tenant_id) as session:
        connection = begin_connection(session, "hubspot")
        if connection.status in (LEAVING, DISCONNECTED) or not connection.sealed:
            return
        connection.status, connection.problem = LEAVING, ""
        audit(session, who, "hubspot.left", before={"portal": connection.account_id})
        fact = f"{connection.id}:{connection.refreshed}"
        messages.add(session, "hubspot.leave", fact, payload={"left_by": who.name})


def forget_hubspot(session: ScopedSession) -> Connection | None:
    """Forget the tokens; None if somebody installed us again meanwhile."""
    connection = begin_connection(session, "hubspot")
    if connection.status != LEAVING:
        return None
    connection.status, connection.sealed, connection.expires_at = DISCONNECTED, "", None
    connection.details = {}
    connection.refreshed += 1
    return connection


def is_leaving(session: ScopedSession) -> bool:
    connection = find_connection(session, "hubspot")
    return connection is not None and connection.status == LEAVING


def has_left(session: ScopedSession) -> bool:
    """Whether this tenant wants HubSpot to hear nothing more of us."""
    connection = find_connection(session, "hubspot")
    return connection is not None and connection.status in (LEAVING, DISCONNECTED)
