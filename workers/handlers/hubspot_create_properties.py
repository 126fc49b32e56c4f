"""After an install: creates our property group and deal properties where they are missing."""

from app.accounts.clients import ask_hubspot
from app.accounts.connections import connection_problem
from app.db import ScopedSession
from app.messages import Claimed
from app.reasons import Reason
from app.runtime import Runtime
from workers.handler import Effect


def work(runtime: Runtime, message: Claimed) -> Effect:
    """payload: nothing."""
    ask_hubspot(runtime, message.tenant_id, lambda crm: crm.ensure_properties())
    return lambda session: connection_problem(session, "hubspot", None)


def when_dead(session: ScopedSession, _message: Claimed, reason: Reason) -> None:
    """Say on the connections page what HubSpot refused."""
    connection_problem(session, "hubspot", reason)
