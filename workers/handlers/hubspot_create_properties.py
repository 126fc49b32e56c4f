"""After an install: creates our property group and deal properties where they are missing."""

from app.accounts.clients import ask_hubspot
from app.messages import Claimed
from app.runtime import Runtime
from workers.handler import Effect, nothing_more


def work(runtime: Runtime, message: Claimed) -> Effect:
    """payload: nothing."""
    ask_hubspot(runtime, message.tenant_id, lambda crm: crm.ensure_properties())
    return nothing_more
