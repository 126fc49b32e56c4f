"""Connecting Stripe: it counts as connected only after successful calls."""

from contextlib import suppress

from app.accounts.connections import open_secrets
from app.accounts.proven import Proven, begin, keep
from app.billing.stripe_events import HANDLED
from app.errors import AppError, ProviderError
from app.language import say
from app.reasons import reason_of
from app.runtime import Runtime
from app.tokens import new_token


def connect_stripe(runtime: Runtime, tenant_id: int, key: str, language: str) -> None:
    """Try the key, make our webhook endpoint with it, keep both secrets.

    Raises `AppError` with one sentence where the key cannot be used.
    """
    from app.providers.stripe.billing import StripeBilling

    connection = begin(runtime, tenant_id, "stripe")
    base = runtime.settings.stripe_api_base
    stripe = StripeBilling(key, base)
    old = open_secrets(runtime.sealer, connection) if connection.sealed else {}
    try:
        account = stripe.retrieve_account()
        if not stripe.list_methods():
            raise AppError("no_methods", say(language, "connect.stripe_no_methods"))
        url = f"{runtime.settings.public_url}/webhooks/stripe/{connection.public_id}"
        # A key for this try only: the failure of an earlier one is replayed for a day.
        endpoint_id, webhook_secret = stripe.create_webhook_endpoint(
            url, sorted(HANDLED), f"webhook_endpoint:{new_token()}"
        )
    except ProviderError as error:
        sentence = say(language, "connect.stripe_refused", reason=reason_of(error).said(language))
        raise AppError("stripe_refused", sentence) from error
    secrets = {"key": key, "webhook_secret": webhook_secret, "endpoint_id": endpoint_id}
    proven = Proven(account.id, account.name, account.livemode, secrets, {})
    keep(runtime, tenant_id, "stripe", proven)
    if old:
        # Only now: until the new secret is stored, we accept the old endpoint's events only. An
        # old endpoint that stays is harmless: its events are refused.
        with suppress(ProviderError):
            StripeBilling(old["key"], base).delete_webhook_endpoint(old["endpoint_id"])
