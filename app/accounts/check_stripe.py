"""Looking at a Stripe connection again, and mending what can be mended from here."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from app.accounts.clients import stripe_client
from app.accounts.configuration import note_refusal, note_success
from app.accounts.connect_stripe import endpoint_url, refusals, told_methods
from app.accounts.connections import (
    begin_connection,
    connected,
    find_connection,
    need_reconnect,
    open_secrets,
    secrets_before,
    store_secrets,
)
from app.accounts.stripe_endpoint import (
    find_endpoint,
    remove_doubles,
    renew_endpoint,
    take_back,
)
from app.accounts.stripe_standing import judge
from app.audit import Who, audit
from app.clock import wall_now
from app.db import ScopedSession
from app.errors import AppError, FailureKind, ProviderError
from app.language import say
from app.models import Connection
from app.reasons import reason_of
from app.runtime import Runtime

if TYPE_CHECKING:
    from app.providers.stripe.billing import StripeBilling


def check_stripe(runtime: Runtime, tenant_id: int, language: str) -> None:
    """Ask again what the key may do and whether our endpoint sends, and keep the answer.

    Raises `AppError` with one sentence where Stripe does not say.
    """
    connection = _connected_once(runtime, tenant_id, language)
    with refusals(language, "stripe.not_checked"):
        try:
            found = _looked(runtime, connection, stripe_client(runtime, tenant_id))
        except ProviderError as error:
            _note_failure(runtime, tenant_id, error)
            raise
    found["checked_at"] = wall_now().isoformat()
    with runtime.database.writing(tenant_id) as session:
        row = begin_connection(session, "stripe")
        if row.refreshed == connection.refreshed:  # else another key counts by now
            _note(session, row, found, language)


def _looked(runtime: Runtime, connection: Connection, stripe: "StripeBilling") -> dict[str, Any]:
    """What the platform's key may do is the operator's to mend: there only its access counts."""
    if connection.platform_account:
        stripe.retrieve_account()
        note_success(runtime.database, "stripe")
        return {"endpoint": "platform", **told_methods(stripe)}
    lacking = stripe.lacking_permissions()
    found = {"lacking": lacking, **told_methods(stripe, lacking)}
    if "webhook_write" in lacking:
        return found
    return {**found, "endpoint": endpoint_state(runtime, connection, stripe)}


def endpoint_state(runtime: Runtime, connection: Connection, stripe: "StripeBilling") -> str:
    """One of enabled, disabled, gone: whether Stripe sends us this account's events.

    platform: one endpoint of ours hears of every connected account.
    """
    if connection.platform_account:
        return "platform"
    secrets = open_secrets(runtime.sealer, connection)
    mine = find_endpoint(stripe, endpoint_url(runtime, connection), secrets)
    return "gone" if mine is None else "enabled" if mine.enabled else "disabled"


def mend_stripe_endpoint(runtime: Runtime, tenant_id: int, language: str, who: Who) -> None:
    """Put a new endpoint in the place of ours, whatever became of that one or of its secret."""
    connection = _connected_once(runtime, tenant_id, language)
    if connection.platform_account:
        raise AppError("by_platform", say(language, "stripe.by_platform"))
    stripe, url = stripe_client(runtime, tenant_id), endpoint_url(runtime, connection)
    secrets = open_secrets(runtime.sealer, connection)
    with refusals(language, "stripe.not_mended"):
        made = renew_endpoint(stripe, url, secrets)
    kept = _kept_endpoint(runtime, connection, {**secrets, **made}, language, who)
    with suppress(ProviderError):
        if kept:
            remove_doubles(stripe, url, made["endpoint_id"])
        else:
            take_back(stripe, made, secrets)


def _kept_endpoint(
    runtime: Runtime, seen: Connection, secrets: dict[str, Any], language: str, who: Who
) -> bool:
    """False, and nothing is stored, if somebody mended or connected Stripe since it was `seen`."""
    before = open_secrets(runtime.sealer, seen).get("endpoint_id")
    with runtime.database.writing(seen.tenant_id) as session:
        row = begin_connection(session, "stripe")
        if row.refreshed != seen.refreshed:
            return False
        row.refreshed += 1
        store_secrets(runtime.sealer, row, secrets)
        told = {"endpoint": before}, {"endpoint": secrets["endpoint_id"]}
        audit(session, who, "stripe.endpoint_renewed", before=told[0], after=told[1])
        _note(session, row, {"endpoint": "enabled"}, language)
    return True


def _connected_once(runtime: Runtime, tenant_id: int, language: str) -> Connection:
    with runtime.database.reading(tenant_id) as session:
        connection = find_connection(session, "stripe")
    if connection is None or not connection.sealed:
        raise AppError("not_connected", say(language, "reason.stripe.not_connected"))
    if not secrets_before(runtime.sealer, connection):
        raise AppError("unopened", say(language, "stripe.unopened"))
    return connection


def _note(session: ScopedSession, row: Connection, found: dict[str, Any], language: str) -> None:
    row.details = {**row.details, **found}
    if row.status == "reconnect_needed":
        connected(session, row)
    judge(row, language)


def _note_failure(runtime: Runtime, tenant_id: int, error: ProviderError) -> None:
    note_refusal(runtime.database, error)
    if error.kind is FailureKind.AUTH:
        with runtime.database.writing(tenant_id) as session:
            need_reconnect(session, "stripe", reason_of(error))
