"""A tenant's connections: their state, and the secrets opened where they are used."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import Any

from sqlalchemy import Select, select

from app import messages
from app.clock import wall_now
from app.db import ScopedSession, find_or_add
from app.errors import ConflictError
from app.models import Connection, Preferences
from app.reasons import Reason
from app.seal import Sealer, SealError

# HubSpot's row while a worker uninstalls us, and after that.
LEAVING, DISCONNECTED = "leaving", "disconnected"
PROVIDERS = ("hubspot", "stripe", "slack")
_used: ContextVar[dict[str, int] | None] = ContextVar("used", default=None)


def find_connection(session: ScopedSession, provider: str) -> Connection | None:
    return session.scalars(_of(provider)).first()


def _of(provider: str) -> Select[Connection]:
    return select(Connection).where(Connection.provider == provider)


def get_connection(session: ScopedSession, provider: str) -> Connection:
    """The tenant's connection with its secrets; raises `ConflictError` where there is none."""
    connection = find_connection(session, provider)
    if connection is None or not connection.sealed:
        raise ConflictError("not_connected", f"{provider} is not connected.")
    return connection


def begin_connection(session: ScopedSession, provider: str) -> Connection:
    """The tenant's row for this vendor, made if need be; locked until it is written."""
    new = Connection(provider=provider, public_id=secrets.token_urlsafe(16), details={})
    locked = _of(provider).with_for_update()
    return find_or_add(session, lambda: session.scalars(locked).first(), new)


def store_secrets(sealer: Sealer, connection: Connection, values: dict[str, Any]) -> None:
    text = json.dumps(values)
    connection.sealed = sealer.seal(connection.tenant_id, f"connection.{connection.provider}", text)


def open_secrets(sealer: Sealer, connection: Connection) -> dict[str, Any]:
    purpose = f"connection.{connection.provider}"
    values: dict[str, Any] = json.loads(
        sealer.open(connection.tenant_id, purpose, connection.sealed)
    )
    return values


def secrets_before(sealer: Sealer, connection: Connection) -> dict[str, Any]:
    """What a new connection takes over of the secrets so far: nothing where the key is lost."""
    try:
        return open_secrets(sealer, connection) if connection.sealed else {}
    except SealError:
        return {}


def connected(session: ScopedSession, connection: Connection) -> None:
    """The connection works (again): messages that waited for it become due at once."""
    connection.status, connection.problem = "connected", ""
    for what in ("", ".blocked", ".configuration"):
        messages.wake(session, connection.provider + what)


def connection_problem(session: ScopedSession, provider: str, reason: Reason | None) -> None:
    """Say on the connections page what is wrong with a connected vendor; None: nothing more."""
    connection = find_connection(session, provider)
    if connection and connection.status in ("connected", DISCONNECTED):
        connection.problem = _said_here(session, reason) if reason else ""


def _said_here(session: ScopedSession, reason: Reason) -> str:
    """In the language of the connections page, which is the tenant's own."""
    preferences = session.get(Preferences, session.scope)
    return reason.said(preferences.language if preferences else "fr")


@contextmanager
def credentials_noted() -> Iterator[None]:
    """Inside the block this thread remembers which credentials of each vendor it used.

    Remembered, and not carried by the error: the providers, which raise it, know no rows of ours,
    and every client would have to be told a number only to repeat it in each of its failures.
    """
    token = _used.set({})
    try:
        yield
    finally:
        _used.reset(token)


def note_credentials(provider: str, refreshed: int) -> None:
    """A call is about to be made with the credentials that `Connection.refreshed` numbers so."""
    if (used := _used.get()) is not None:
        used[provider] = refreshed


def were_replaced(session: ScopedSession, provider: str) -> bool:
    """Whether somebody connected the vendor again since this thread's call: the call is history.

    The row stays locked until the commit, so that nobody does so meanwhile.
    """
    connection = session.scalars(_of(provider).with_for_update()).first()
    used = credentials_used(provider)
    return connection is not None and used not in (None, connection.refreshed)


def credentials_used(provider: str) -> int | None:
    """The number of those that this thread called the vendor with; None if it did not."""
    return (_used.get() or {}).get(provider)


def need_reconnect(session: ScopedSession, provider: str, reason: Reason) -> None:
    """The vendor refuses our credentials: say so on the connections page, and once by mail."""
    connection = find_connection(session, provider)
    if connection is None or connection.status in ("reconnect_needed", LEAVING, DISCONNECTED):
        return
    connection.status = "reconnect_needed"
    connection.problem = _said_here(session, reason)
    day = wall_now().date().isoformat()
    messages.add(
        session,
        "email.owner_reconnect",
        f"{connection.id}:{connection.refreshed}:{day}",
        payload={"provider": provider},
        after=timedelta(0),
    )
