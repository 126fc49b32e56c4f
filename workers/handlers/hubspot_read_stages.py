"""Reads the portal's deal stages for the connections page."""

from app.accounts.clients import ask_hubspot
from app.accounts.connections import connection_problem
from app.accounts.stages import keep_stages
from app.db import ScopedSession
from app.messages import Claimed
from app.reasons import Reason
from app.runtime import Runtime
from workers.handler import Effect


def work(runtime: Runtime, message: Claimed) -> Effect:
    """payload: nothing."""
    stages = ask_hubspot(runtime, message.tenant_id, lambda crm: crm.read_stages())

    def keep(session: ScopedSession) -> None:
        keep_stages(session, stages)
        connection_problem(session, "hubspot", None)

    return keep


def when_dead(session: ScopedSession, _message: Claimed, reason: Reason) -> None:
    """Say on the connections page what HubSpot refused."""
    connection_problem(session, "hubspot", reason)
