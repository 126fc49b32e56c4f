"""Vendors' clients with a tenant's credentials: the one factory.

The SDKs are imported on first use: a web process that calls no vendor loads none.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import or_, update

from app.accounts.connections import get_connection, open_secrets, store_secrets
from app.clock import wall_now
from app.db import ScopedSession, changed_rows
from app.errors import ConflictError, FailureKind, ProviderError
from app.models import Connection

if TYPE_CHECKING:
    from app.providers.hubspot.crm import HubSpotCrm
    from app.providers.mailer import Mailer
    from app.providers.slack import SlackChannel
    from app.providers.stripe.billing import StripeBilling
    from app.runtime import Runtime

T = TypeVar("T")
REFRESH_MARGIN = timedelta(minutes=5)
REFRESH_LEASE = timedelta(seconds=20)
LOOK_SECONDS = 0.05


def stripe_client(runtime: Runtime, tenant_id: int) -> StripeBilling:
    """Stripe with the tenant's restricted key; raises `ProviderError` AUTH without one."""
    from app.providers.stripe.billing import StripeBilling

    connection, secrets = _opened(runtime, tenant_id, "stripe")
    # Row numbers repeat in another database on the same Stripe account; this name does not.
    prefix = f"{connection.public_id}:"
    return StripeBilling(secrets["key"], runtime.settings.stripe_api_base, key_prefix=prefix)


def slack_client(runtime: Runtime, connection: Connection) -> SlackChannel:
    """Slack with the bot token of this connection, which knows the channel too."""
    from app.providers.slack import SlackChannel

    secrets = open_secrets(runtime.sealer, connection)
    return SlackChannel(runtime.settings.slack_api_base, secrets["token"])


def mailer(runtime: Runtime) -> Mailer:
    from app.providers.mailer import Mailer

    return Mailer(runtime.settings.smtp_url)


def ask_hubspot(runtime: Runtime, tenant_id: int, call: Callable[[HubSpotCrm], T]) -> T:
    """Call HubSpot with a token that lives on; one refresh when it is turned down all the same."""
    from app.providers.hubspot.crm import HubSpotCrm

    base = runtime.settings.hubspot_api_base
    token = hubspot_token(runtime, tenant_id)
    try:
        return call(HubSpotCrm(base, token))
    except ProviderError as error:
        if error.kind is not FailureKind.AUTH:
            raise
    return call(HubSpotCrm(base, hubspot_token(runtime, tenant_id, refused=token)))


def _opened(runtime: Runtime, tenant_id: int, provider: str) -> tuple[Connection, dict[str, str]]:
    with runtime.database.reading(tenant_id) as session:
        try:
            connection = get_connection(session, provider)
            return connection, open_secrets(runtime.sealer, connection)
        except ConflictError as error:
            raise ProviderError(provider, FailureKind.AUTH, error.message) from error


def hubspot_token(runtime: Runtime, tenant_id: int, *, refused: str | None = None) -> str:
    """The access token, refreshed early by one thread of one process; the others wait for it.

    `refused` is a token that HubSpot just turned down: it is refreshed whatever its expiry says.
    """
    deadline = time.monotonic() + REFRESH_LEASE.total_seconds()
    while time.monotonic() < deadline:
        with runtime.database.reading(tenant_id) as session:
            connection = _hubspot(session)
            token: str = open_secrets(runtime.sealer, connection)["access_token"]
            fresh = connection.expires_at and connection.expires_at > wall_now() + REFRESH_MARGIN
        if fresh and token != refused:
            return token
        if _lease_refresh(runtime, tenant_id, connection.refreshed):
            return _refresh(runtime, tenant_id)
        time.sleep(LOOK_SECONDS)
    raise ProviderError("hubspot", FailureKind.RETRYABLE, "another process is refreshing the token")


def _hubspot(session: ScopedSession) -> Connection:
    try:
        return get_connection(session, "hubspot")
    except ConflictError as error:
        raise ProviderError("hubspot", FailureKind.AUTH, error.message) from error


def _lease_refresh(runtime: Runtime, tenant_id: int, seen: int) -> bool:
    """Take the right to refresh what was seen; it lapses by itself if this process dies."""
    now = wall_now()
    with runtime.database.writing(tenant_id) as session:
        free = or_(Connection.refresh_lease_until.is_(None), Connection.refresh_lease_until < now)
        lease = (
            update(Connection)
            .where(Connection.provider == "hubspot", Connection.refreshed == seen, free)
            .values(refresh_lease_until=now + REFRESH_LEASE)
        )
        return changed_rows(session, lease) == 1


def _refresh(runtime: Runtime, tenant_id: int) -> str:
    from app.providers.hubspot.oauth import refresh_tokens

    settings = runtime.settings
    with runtime.database.reading(tenant_id) as session:
        held = open_secrets(runtime.sealer, _hubspot(session))
    try:
        tokens = refresh_tokens(
            settings.hubspot_api_base,
            settings.hubspot_client_id,
            settings.hubspot_client_secret,
            held["refresh_token"],
        )
    except ProviderError:
        with runtime.database.writing(tenant_id) as session:
            _hubspot(session).refresh_lease_until = None
        raise
    with runtime.database.writing(tenant_id) as session:
        connection = _hubspot(session)
        keep_tokens(runtime, connection, tokens.access_token, tokens.refresh_token)
        connection.expires_at = wall_now() + timedelta(seconds=tokens.expires_in)
        connection.refresh_lease_until = None
        connection.refreshed += 1
    return tokens.access_token


def keep_tokens(runtime: Runtime, connection: Connection, access: str, refresh: str) -> None:
    store_secrets(runtime.sealer, connection, {"access_token": access, "refresh_token": refresh})
