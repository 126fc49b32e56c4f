"""HubSpot's access token, refreshed early by one thread; all others wait for it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import or_, select, update

from app.accounts.configuration import note_success
from app.accounts.connections import (
    get_connection,
    need_reconnect,
    note_credentials,
    store_secrets,
)
from app.accounts.scopes import keep_scopes
from app.accounts.unopened import opened
from app.clock import wall_now
from app.db import ScopedSession, changed_rows
from app.errors import ConflictError, FailureKind, ProviderError
from app.models import Connection
from app.reasons import reason_of

if TYPE_CHECKING:
    from app.providers.hubspot.answers import Tokens
    from app.runtime import Runtime

REFRESH_MARGIN = timedelta(minutes=5)
REFRESH_LEASE = timedelta(seconds=20)
LOOK_SECONDS = 0.05


def hubspot_token(runtime: Runtime, tenant_id: int, *, refused: str | None = None) -> str:
    """The access token, refreshed early by one thread of one process; the others wait for it.

    `refused` is a token that HubSpot just refused: it is refreshed whatever its expiry says.
    Raises `ProviderError` AUTH, without a call, if HubSpot has refused the grant before.
    """
    deadline = time.monotonic() + REFRESH_LEASE.total_seconds()
    while time.monotonic() < deadline:
        connection, held = _read(runtime, tenant_id)
        note_credentials("hubspot", connection.refreshed)
        fresh = connection.expires_at and connection.expires_at > wall_now() + REFRESH_MARGIN
        if fresh and held["access_token"] != refused:
            return held["access_token"]
        if not held["refresh_token"]:
            raise ProviderError("hubspot", FailureKind.AUTH, "HubSpot refused the grant before.")
        if not _lease(runtime, connection):
            time.sleep(LOOK_SECONDS)
        elif token := _refresh(runtime, connection, held["refresh_token"]):
            return token
    raise ProviderError("hubspot", FailureKind.RETRYABLE, "another process is refreshing the token")


def keep_tokens(runtime: Runtime, connection: Connection, access: str, refresh: str) -> None:
    store_secrets(runtime.sealer, connection, {"access_token": access, "refresh_token": refresh})


def _read(runtime: Runtime, tenant_id: int) -> tuple[Connection, dict[str, str]]:
    with runtime.database.reading(tenant_id) as session:
        try:
            connection = get_connection(session, "hubspot")
        except ConflictError as error:
            raise ProviderError(
                "hubspot", FailureKind.AUTH, error.message, code=error.code
            ) from error
    return connection, opened(runtime, connection)


def _lease(runtime: Runtime, seen: Connection) -> bool:
    """Take the right to refresh; it ends by itself if this process dies."""
    now = wall_now()
    with runtime.database.writing(seen.tenant_id) as session:
        free = or_(Connection.refresh_lease_until.is_(None), Connection.refresh_lease_until < now)
        lease = (
            update(Connection)
            .where(Connection.id == seen.id, Connection.refreshed == seen.refreshed, free)
            .values(refresh_lease_until=now + REFRESH_LEASE)
        )
        return changed_rows(session, lease) == 1


def _refresh(runtime: Runtime, seen: Connection, refresh_token: str) -> str | None:
    """Ask HubSpot; None if somebody connected again meanwhile: then read the newer tokens."""
    from app.providers.hubspot.oauth import refresh_tokens

    settings = runtime.settings
    client = settings.hubspot_client_id, settings.hubspot_secrets[0]
    try:
        tokens = refresh_tokens(settings.hubspot_api_base, *client, refresh_token)
    except ProviderError as error:
        if _take_failure(runtime, seen, error):
            raise
        return None
    note_success(runtime.database, "hubspot")
    return tokens.access_token if _take_tokens(runtime, seen, tokens) else None


def _take_tokens(runtime: Runtime, seen: Connection, tokens: Tokens) -> bool:
    """Store them if nobody connected again meanwhile."""
    with _given_back(runtime, seen) as (session, connection):
        if connection is None:
            return False
        keep_tokens(runtime, connection, tokens.access_token, tokens.refresh_token)
        connection.expires_at = wall_now() + timedelta(seconds=tokens.expires_in)
        connection.refreshed += 1
        keep_scopes(session, connection, tokens.scopes)
        note_credentials("hubspot", connection.refreshed)
        return True


def _take_failure(runtime: Runtime, seen: Connection, error: ProviderError) -> bool:
    """Forget a grant that is gone, so that it is not used again; other failures may be retried.

    False if somebody connected again meanwhile.
    """
    with _given_back(runtime, seen) as (session, connection):
        if connection is None:
            return False
        if error.kind is FailureKind.AUTH:
            keep_tokens(runtime, connection, access="", refresh="")
            connection.expires_at = None
            connection.refreshed += 1
            note_credentials("hubspot", connection.refreshed)
            need_reconnect(session, "hubspot", reason_of(error))
        return True


@contextmanager
def _given_back(
    runtime: Runtime, seen: Connection
) -> Iterator[tuple[ScopedSession, Connection | None]]:
    """Lock the row and end its lease; None if somebody connected again meanwhile."""
    same = (Connection.id == seen.id, Connection.refreshed == seen.refreshed)
    with runtime.database.writing(seen.tenant_id) as session:
        connection = session.scalars(select(Connection).where(*same).with_for_update()).first()
        if connection:
            connection.refresh_lease_until = None
        yield session, connection
