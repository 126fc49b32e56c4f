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


def keep(runtime: Runtime, tenant_id: int, provider: str, proven: Proven, who: Who) -> None:
    """Store what the vendor confirmed; what waited for this connection becomes due at once."""
    with runtime.database.writing(tenant_id) as session:
        store(session, runtime, provider, proven, who)


def store(
    session: ScopedSession, runtime: Runtime, provider: str, proven: Proven, who: Who
) -> Connection:
    """As `keep`, in a transaction that stores more than that."""
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
