"""After an install: creates our property group and deal properties where they are missing."""

from app import messages
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
    return lambda session: _over(session, message, None)


def when_dead(session: ScopedSession, message: Claimed, reason: Reason) -> None:
    """Say on the connections page what HubSpot refused; each push finds out for itself."""
    _over(session, message, reason)


def _over(session: ScopedSession, message: Claimed, reason: Reason | None) -> None:
    connection_problem(session, "hubspot", reason)
    messages.wake(session, message.kind)
