"""How a tenant's Stripe connection stands: what its key lacks, whether its events arrive."""

from collections.abc import Collection, Mapping

from app.accounts.connections import find_connection, need_reconnect, were_replaced
from app.audit import US, audit
from app.clock import wall_now
from app.db import ScopedSession
from app.language import say
from app.methods import METHODS
from app.models import Connection, Preferences
from app.providers.stripe.permissions import BY_NAME, ESSENTIAL
from app.reasons import Reason


def judge(connection: Connection, language: str) -> None:
    """Say on the connection what its `details` tell.

    `details`: `lacking` (permission -> what Stripe named as missing), `endpoint`
    (enabled|disabled|gone|platform), `methods` (those the account has switched on),
    `connected_at`, `checked_at` (ISO).
    """
    lacking = connection.details.get("lacking") or {}
    told = []
    if lacking:
        told.append(say(language, "stripe.lacking", rows=lacking_words(lacking, language)))
    if (endpoint := connection.details.get("endpoint")) in ("disabled", "gone"):
        told.append(say(language, f"stripe.endpoint_{endpoint}"))
    if ESSENTIAL & lacking.keys():
        connection.status = "reconnect_needed"
    connection.problem = " ".join(told)


def note_endpoint(session: ScopedSession, state: str) -> None:
    """Keep what became of our webhook endpoint: enabled|disabled|gone."""
    connection = find_connection(session, "stripe")
    if connection is None or connection.details.get("endpoint") in (state, "platform"):
        return
    connection.details = {**connection.details, "endpoint": state}
    if connection.status == "connected":
        judge(connection, session.get_one(Preferences, session.scope).language)


def note_methods(session: ScopedSession, switched_on: Collection[str]) -> None:
    """Keep what Stripe just said, unless somebody connected another account meanwhile."""
    if were_replaced(session, "stripe"):
        return
    connection, listed = find_connection(session, "stripe"), sorted(switched_on)
    if connection and connection.details.get("methods") != listed:
        connection.details = {**connection.details, "methods": listed}


def lacking_methods(connection: Connection | None) -> frozenset[str]:
    """The methods of ours that the account has not switched on, as far as Stripe has told us."""
    told = connection.details.get("methods") if connection and connection.sealed else None
    return frozenset() if told is None else frozenset(METHODS) - set(told)


def note_removal(session: ScopedSession, reason: Reason) -> None:
    """The account took our platform's access back: its owner is told, its events end."""
    connection = find_connection(session, "stripe")
    if connection is None or connection.platform_account is None:
        return
    need_reconnect(session, "stripe", reason)
    now = wall_now().isoformat()
    connection.details = {**connection.details, "deauthorized_at": now}
    audit(session, US, "stripe.removed", before={"account": connection.account_id})


def lacking_words(lacking: Mapping[str, str], language: str) -> str:
    """`Customers (write), Events (read)`: the lines of Stripe's form, in its own words."""
    return ", ".join(_words(name, named, language) for name, named in lacking.items())


def _words(name: str, named: str, language: str) -> str:
    """With Stripe's own name for it where that is not the one we expect."""
    permission = BY_NAME[name]
    level = say(language, "stripe.write" if permission.writes else "stripe.read")
    said = f"{permission.row} ({level})"
    return said if named == name else f"{said} · {named}"
