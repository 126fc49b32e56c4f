"""Leaving Slack on our side: told to Slack by a worker, then its token is forgotten."""

from app import messages
from app.accounts.channels import CLOSED, forget_channels
from app.accounts.connections import DISCONNECTED, LEAVING, begin_connection
from app.audit import Who, audit
from app.db import Database, ScopedSession


def leave_slack(database: Database, tenant_id: int, who: Who) -> None:
    """Have a worker give the token back; asked again, nothing more happens.

    What waits for Slack is due at once, and ends as if Slack had never been connected.
    """
    with database.writing(tenant_id) as session:
        connection = begin_connection(session, "slack")
        if connection.status == LEAVING or not connection.sealed:
            return
        connection.status, connection.problem = LEAVING, ""
        connection.refreshed += 1
        before = {"account": connection.account_id, "name": connection.account_name}
        audit(session, who, "slack.left", before=before)
        for waited in ("slack", CLOSED):
            messages.wake(session, waited)
        messages.add(session, "slack.leave", f"{connection.id}:{connection.refreshed}", payload={})


def forget_slack(session: ScopedSession) -> bool:
    """Forget token, workspace and channels; False if somebody connected again meanwhile."""
    connection = begin_connection(session, "slack")
    if connection.status != LEAVING:
        return False
    connection.status, connection.sealed = DISCONNECTED, ""
    connection.account_id = connection.account_name = ""
    connection.details = {}
    forget_channels(session)
    return True
