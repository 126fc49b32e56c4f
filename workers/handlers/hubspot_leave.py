"""Uninstalls us from the portal, forgets its tokens, and tells the owner once."""

from contextlib import suppress

from app import messages
from app.accounts.clients import ask_hubspot
from app.accounts.connections import connection_problem, find_connection
from app.accounts.leaving import forget_hubspot, is_leaving
from app.accounts.unopened import opened
from app.db import ScopedSession
from app.errors import FailureKind, ProviderError
from app.messages import Claimed, Ignored
from app.providers.hubspot.oauth import revoke_token
from app.reasons import Reason
from app.runtime import Runtime
from workers.handler import Effect


def work(runtime: Runtime, message: Claimed) -> Effect:
    """payload: `left_by`, who asked for it."""
    with runtime.database.reading(message.tenant_id) as session:
        if not is_leaving(session):
            raise Ignored("it was installed again meanwhile")
    _uninstall(runtime, message.tenant_id)
    _revoke(runtime, message.tenant_id)

    def left(session: ScopedSession) -> None:
        _left(session, message)

    return left


def _uninstall(runtime: Runtime, tenant_id: int) -> None:
    """A portal that has removed us itself, or heard us before, need not hear it again."""
    try:
        ask_hubspot(runtime, tenant_id, lambda crm: crm.uninstall())
    except ProviderError as error:
        if error.kind is not FailureKind.AUTH and error.code != "not_found":
            raise


def _revoke(runtime: Runtime, tenant_id: int) -> None:
    """Should HubSpot not hear it: without the app in the portal the token is worth nothing."""
    with runtime.database.reading(tenant_id) as session:
        connection = find_connection(session, "hubspot")
    settings = runtime.settings
    client = settings.hubspot_client_id, settings.hubspot_secrets[0]
    with suppress(ProviderError):
        held = opened(runtime, connection) if connection and connection.sealed else {}
        if held.get("refresh_token"):
            revoke_token(settings.hubspot_api_base, *client, held["refresh_token"])


def _left(session: ScopedSession, message: Claimed) -> bool:
    """Whether it was still to be left, and somebody is told."""
    connection = forget_hubspot(session)
    if connection is None:
        return False
    messages.add(
        session,
        "email.owner_left",
        f"{connection.id}:{connection.refreshed}",
        payload={"left_by": message.payload["left_by"]},
    )
    return True


def when_dead(session: ScopedSession, message: Claimed, reason: Reason) -> None:
    """HubSpot will not hear of it: the tokens are forgotten all the same, and the page says so."""
    if _left(session, message):
        connection_problem(session, "hubspot", reason)
