"""What HubSpot is told only while the tenant wants it told."""

from app.accounts.retention import wants_no_more
from app.messages import Claimed, Ignored
from app.runtime import Runtime
from workers.handler import Effect, Work


def while_installed(work: Work) -> Work:
    """The same work, but nothing after HubSpot was disconnected.

    The message is kept as *ignored*: what the CRM would show is read from our rows when the tenant
    comes back, so nothing need wait until then.
    """

    def guarded(runtime: Runtime, message: Claimed) -> Effect:
        with runtime.database.reading(message.tenant_id) as session:
            left = wants_no_more(session, runtime.clock.now())
        if left:
            raise Ignored("HubSpot is disconnected; an install writes everything anew")
        return work(runtime, message)

    return guarded
