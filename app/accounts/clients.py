"""Makes every vendor's client with a tenant's credentials.

The SDKs are imported on first use: a web process that calls no vendor loads none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from app.accounts.connections import get_connection, note_credentials
from app.accounts.refresh import hubspot_token
from app.accounts.unopened import opened
from app.errors import ConflictError, FailureKind, ProviderError
from app.models import Connection

if TYPE_CHECKING:
    from app.providers.hubspot.crm import HubSpotCrm
    from app.providers.mailer import Mailer
    from app.providers.slack.channel import SlackChannel
    from app.providers.stripe.billing import StripeBilling
    from app.runtime import Runtime

T = TypeVar("T")


def stripe_client(runtime: Runtime, tenant_id: int) -> StripeBilling:
    """Stripe with the tenant's own key, or by our platform's on the tenant's account.

    Raises `ProviderError`: AUTH without a connection, CONFIGURATION without the platform's key.
    """
    from app.providers.stripe.billing import StripeBilling

    connection = _connected(runtime, tenant_id, "stripe")
    account = connection.platform_account
    key = platform_key(runtime) if account else opened(runtime, connection)["key"]
    note_credentials("stripe", connection.refreshed)
    # Another database on the same Stripe account may have the same row ids, but not this name.
    prefix = f"{connection.public_id}:"
    base = runtime.settings.stripe_api_base
    return StripeBilling(key, base, account=account, key_prefix=prefix)


def platform_key(runtime: Runtime) -> str:
    """The key of our own Stripe platform, which reaches every account that has let it in."""
    if key := runtime.settings.stripe_platform_key:
        return key
    words = "STRIPE_PLATFORM_KEY is not set."
    raise ProviderError("stripe", FailureKind.CONFIGURATION, words, code="no_platform_key")


def slack_client(runtime: Runtime, connection: Connection) -> SlackChannel:
    """Slack with the bot token of this connection."""
    from app.providers.slack.channel import SlackChannel

    secrets = opened(runtime, connection)
    note_credentials("slack", connection.refreshed)
    return SlackChannel(runtime.settings.slack_api_base, secrets["token"])


def mailer(runtime: Runtime) -> Mailer:
    from app.providers.mailer import Mailer

    return Mailer(runtime.settings.smtp_url)


def ask_hubspot(runtime: Runtime, tenant_id: int, call: Callable[[HubSpotCrm], T]) -> T:
    """Call HubSpot with a valid token; refresh it once if HubSpot refuses it all the same."""
    from app.providers.hubspot.crm import HubSpotCrm

    base = runtime.settings.hubspot_api_base
    token = hubspot_token(runtime, tenant_id)
    try:
        return call(HubSpotCrm(base, token))
    except ProviderError as error:
        if error.kind is not FailureKind.AUTH:
            raise
    return call(HubSpotCrm(base, hubspot_token(runtime, tenant_id, refused=token)))


def _connected(runtime: Runtime, tenant_id: int, provider: str) -> Connection:
    with runtime.database.reading(tenant_id) as session:
        try:
            return get_connection(session, provider)
        except ConflictError as error:
            raise ProviderError(
                provider, FailureKind.AUTH, error.message, code=error.code
            ) from error
