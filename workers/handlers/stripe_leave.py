"""Deletes our webhook endpoint on the account of a tenant that is about to be erased."""

from app.accounts.clients import stripe_client
from app.accounts.connections import find_connection
from app.accounts.stripe_standing import note_endpoint
from app.accounts.unopened import opened
from app.errors import FailureKind, ProviderError
from app.messages import Claimed, Ignored
from app.models import Tenant
from app.runtime import Runtime
from workers.handler import Effect


def work(runtime: Runtime, message: Claimed) -> Effect:
    """payload: nothing."""
    with runtime.database.reading(message.tenant_id) as session:
        came_back = session.get_one(Tenant, message.tenant_id).erase_after is None
        connection = find_connection(session, "stripe")
    if came_back:
        raise Ignored("it was installed again meanwhile")
    if connection is None or not connection.sealed:
        raise Ignored("Stripe is not connected")
    try:
        if endpoint_id := opened(runtime, connection).get("endpoint_id"):
            stripe_client(runtime, message.tenant_id).delete_webhook_endpoint(endpoint_id)
    except ProviderError as error:
        if error.kind is not FailureKind.AUTH:  # else it shut us out, or the key is lost
            raise
    return lambda session: note_endpoint(session, "gone")
