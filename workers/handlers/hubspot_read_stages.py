"""Reads the portal's deal stages for the connections page."""

from app.accounts.clients import ask_hubspot
from app.accounts.stages import keep_stages
from app.messages import Claimed
from app.runtime import Runtime
from workers.handler import Effect


def work(runtime: Runtime, message: Claimed) -> Effect:
    """payload: nothing."""
    stages = ask_hubspot(runtime, message.tenant_id, lambda crm: crm.read_stages())
    return lambda session: keep_stages(session, stages)
