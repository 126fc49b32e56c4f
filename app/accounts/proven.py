"""A connection that its vendor confirmed, and how it is kept."""

from dataclasses import dataclass
from typing import Any

from app.accounts.connections import begin_connection, connected, store_secrets
from app.audit import Who, audit
from app.db import ScopedSession
from app.models import Connection
from app.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Proven:
    """A connection the vendor confirmed: its account, and what to store."""

    account_id: str
    account_name: str
    livemode: bool
    secrets: dict[str, Any]
    details: dict[str, Any]
    platform_account: str | None = None


def begin(runtime: Runtime, tenant_id: int, provider: str) -> Connection:
    """The row of this vendor, made if need be, as it is now."""
    with runtime.database.writing(tenant_id) as session:
        return begin_connection(session, provider)


def store(
    session: ScopedSession, runtime: Runtime, provider: str, proven: Proven, who: Who
) -> Connection:
    """Store what the vendor confirmed; what waited for this connection becomes due at once."""
    connection = begin_connection(session, provider)
    before = _told(connection) if connection.sealed else {}
    store_secrets(runtime.sealer, connection, dict(proven.secrets))
    connection.account_id, connection.account_name = proven.account_id, proven.account_name
    connection.livemode = proven.livemode
    connection.platform_account = proven.platform_account
    connection.details = dict(proven.details)
    connection.refreshed += 1
    connected(session, connection)
    audit(session, who, f"{provider}.connected", before=before, after=_told(connection))
    return connection


def store_over(
    session: ScopedSession, runtime: Runtime, seen: Connection, proven: Proven, who: Who
) -> Connection | None:
    """As `store`; None, with nothing stored, if the vendor was connected since it was `seen`.

    Of two who connect at once each would delete the other's endpoint as a double of its own.
    """
    if begin_connection(session, seen.provider).refreshed != seen.refreshed:
        return None
    return store(session, runtime, seen.provider, proven, who)


def _told(connection: Connection) -> dict[str, object]:
    """What the audit log says of a connection: no secret."""
    told: dict[str, object] = {
        "account": connection.account_id,
        "name": connection.account_name,
    }
    if connection.provider == "stripe":
        told["live"] = connection.livemode
    if channel := connection.details.get("channel_name"):
        told["channel"] = channel
    return told
