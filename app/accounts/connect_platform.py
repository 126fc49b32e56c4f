"""Connecting a tenant to Stripe by our platform's key, on an account that has let the platform in.

The key reaches every such account, so nobody may name one who has not proven that it is hers: the
operator binds it, by a command (docs/decisions).
"""

from contextlib import suppress

from sqlalchemy import select

from app.accounts.clients import platform_key
from app.accounts.connect_stripe import (
    refusals,
    refuse_no_methods,
    refuse_other_account,
    refuse_other_mode,
    told_methods,
)
from app.accounts.connections import secrets_before
from app.accounts.proven import Proven, begin, store_over
from app.accounts.stripe_endpoint import retire_secret
from app.audit import Who
from app.clock import wall_now
from app.db import EVERY_TENANT
from app.errors import AppError, ProviderError
from app.language import say
from app.models import Connection
from app.runtime import Runtime


def bind_stripe(
    runtime: Runtime, tenant_id: int, account_id: str, language: str, *, who: Who, confirmed: bool
) -> str:
    """Connect the tenant to this account and give back the account's name.

    `confirmed`: although open purchases belong to another account. Raises `AppError`.
    """
    from app.providers.stripe.billing import StripeBilling

    connection = begin(runtime, tenant_id, "stripe")
    base = runtime.settings.stripe_api_base
    with refusals(language):
        key = platform_key(runtime)
        refuse_other_mode(runtime, tenant_id, live="_live_" in key, language=language)
        _refuse_taken(runtime, tenant_id, account_id, language)
        stripe = StripeBilling(key, base, account=account_id)
        account = stripe.retrieve_account()
        if not confirmed:
            refuse_other_account(runtime, connection, account, language)
        methods = told_methods(stripe)
        refuse_no_methods(methods, language)
    old = secrets_before(runtime.sealer, connection)
    now = wall_now().isoformat()
    details = {"connected_at": now, "checked_at": now, "endpoint": "platform", **methods}
    secrets = {"platform": True, **retire_secret(old)}
    proven = Proven(
        account.id, account.name, account.livemode, secrets, details, platform_account=account.id
    )
    with runtime.database.writing(tenant_id) as session:
        if store_over(session, runtime, connection, proven, who) is None:
            raise AppError("stripe_changed", say(language, "stripe.changed_unbound"))
    if old.get("endpoint_id"):
        with suppress(ProviderError):
            StripeBilling(old["key"], base).delete_webhook_endpoint(old["endpoint_id"])
    return account.name or account.id


def _refuse_taken(runtime: Runtime, tenant_id: int, account_id: str, language: str) -> None:
    """An account is one tenant's: its events could not be routed to two."""
    others = select(Connection.id).where(
        Connection.platform_account == account_id, Connection.tenant_id != tenant_id
    )
    with runtime.database.reading(EVERY_TENANT) as session:
        if session.scalars(others).first() is not None:
            raise AppError("account_taken", say(language, "stripe.account_taken"))
