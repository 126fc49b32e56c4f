"""The code exchange with HubSpot: the first of the web process's three calls to a vendor."""

from contextlib import suppress

from sqlalchemy import select

from app.accounts.connections import secrets_before
from app.accounts.install import Grant
from app.db import EVERY_TENANT
from app.errors import ProviderError
from app.models import Connection, Tenant
from app.runtime import Runtime
from app.settings import Settings


def exchange(settings: Settings, code: str, redirect_uri: str, verifier: str) -> Grant:
    """Exchange the code for tokens, read the account's kind and the installer; `ProviderError`."""
    from app.providers.hubspot import oauth

    base, client = settings.hubspot_api_base, settings.hubspot_client_id
    secret = settings.hubspot_secrets[0]
    tokens = oauth.exchange_code(base, client, secret, redirect_uri, code=code, verifier=verifier)
    account = oauth.account_details(base, tokens.access_token)
    email = oauth.installer_email(base, client, secret, tokens.access_token)
    return Grant(
        hub_id=tokens.hub_id,
        access_token=tokens.access_token,
        refresh_token=tokens.refresh_token,
        expires_in=tokens.expires_in,
        currency=account.currency,
        time_zone=account.time_zone or "UTC",
        test_account=account.is_test,
        user_id=tokens.user_id,
        user_email=email,
        scopes=tokens.scopes,
    )


def give_back(runtime: Runtime, grant: Grant) -> None:
    """Tell HubSpot that we shall not use these tokens; should it not hear, they end unused.

    HubSpot may grant the same refresh token again: one that works for the account here stays.
    """
    from app.providers.hubspot import oauth

    if _in_use(runtime, grant):
        return
    settings = runtime.settings
    client, secret = settings.hubspot_client_id, settings.hubspot_secrets[0]
    with suppress(ProviderError):
        oauth.revoke_token(settings.hubspot_api_base, client, secret, grant.refresh_token)


def _in_use(runtime: Runtime, grant: Grant) -> bool:
    """Whether the account is installed here with this very refresh token."""
    mine = select(Connection).join(Tenant, Tenant.id == Connection.tenant_id)
    with runtime.database.reading(EVERY_TENANT) as session:
        portal = (Tenant.hub_id == grant.hub_id, Connection.provider == "hubspot")
        connection = session.scalars(mine.where(*portal)).first()
    kept = secrets_before(runtime.sealer, connection) if connection else {}
    return kept.get("refresh_token") == grant.refresh_token
