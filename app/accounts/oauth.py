"""The code exchange with HubSpot: the first of the web process's three calls to a vendor."""

from app.accounts.install import Grant
from app.settings import Settings


def exchange(settings: Settings, code: str, redirect_uri: str) -> Grant:
    """Exchange the code for tokens, read the account's kind and the installer; `ProviderError`."""
    from app.providers.hubspot import oauth

    base, client = settings.hubspot_api_base, settings.hubspot_client_id
    secret = settings.hubspot_secrets[0]
    tokens = oauth.exchange_code(base, client, secret, redirect_uri, code)
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
    )
