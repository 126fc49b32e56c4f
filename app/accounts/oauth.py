"""The code exchange with HubSpot: the first of the web process's three calls to a vendor."""

from contextlib import suppress

from app.accounts.install import Grant
from app.errors import ProviderError
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


def give_back(settings: Settings, grant: Grant) -> None:
    """Tell HubSpot that we shall not use these tokens; should it not hear, they end unused."""
    from app.providers.hubspot import oauth

    client, secret = settings.hubspot_client_id, settings.hubspot_secrets[0]
    with suppress(ProviderError):
        oauth.revoke_token(settings.hubspot_api_base, client, secret, grant.refresh_token)
