"""Connecting Stripe and Slack: each counts as connected only after a successful test call."""

from contextlib import suppress
from dataclasses import dataclass

from app.accounts.connections import begin_connection, connected, open_secrets, store_secrets
from app.billing.stripe_events import HANDLED
from app.clock import CLOCKS_APART, wall_now
from app.db import ScopedSession
from app.errors import AppError, ProviderError
from app.language import say
from app.models import Connection
from app.reasons import reason_of
from app.runtime import Runtime
from app.tokens import new_token


@dataclass(frozen=True, slots=True)
class Proven:
    """A connection the vendor confirmed: its account, and what to store."""

    account_id: str
    account_name: str
    livemode: bool
    secrets: dict[str, str]
    details: dict[str, str]


def connect_stripe(runtime: Runtime, tenant_id: int, key: str, language: str) -> None:
    """Try the key, make our webhook endpoint with it, keep both secrets.

    Raises `AppError` with one sentence where the key cannot be used.
    """
    from app.providers.stripe.billing import StripeBilling

    connection = _begin(runtime, tenant_id, "stripe")
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
    _keep(runtime, tenant_id, "stripe", proven)
    if old:
        # Only now: until the new secret is stored, we accept the old endpoint's events only. An
        # old endpoint that stays is harmless: its events are refused.
        with suppress(ProviderError):
            StripeBilling(old["key"], base).delete_webhook_endpoint(old["endpoint_id"])


def connect_slack(
    runtime: Runtime, tenant_id: int, token: str, channel: str, language: str
) -> None:
    """Enter the channel, post a test message and read it back with its metadata.

    Raises `AppError` with one sentence that says what to do in Slack.
    """
    from app.providers.slack import SlackChannel

    connection = _begin(runtime, tenant_id, "slack")
    slack = SlackChannel(runtime.settings.slack_api_base, token)
    try:
        team = slack.test_auth()
        found = slack.find_channel(channel.strip().removeprefix("#"))
        if found is None:
            raise AppError("channel_unknown", say(language, "connect.channel_unknown"))
        if found.is_archived:
            raise AppError("archived", say(language, "connect.archived", name=found.name))
        if not found.is_member and found.is_private:
            raise AppError("not_invited", say(language, "connect.not_invited", name=found.name))
        if not found.is_member:
            slack.join(found.id)
        message_id = f"{tenant_id}:slack.test:{connection.public_id}:{connection.refreshed + 1}"
        began = wall_now()
        slack.post(found.id, say(language, "connect.slack_test"), [], message_id)
        if not slack.find_posted(found.id, message_id, began - CLOCKS_APART):
            raise AppError("not_readable", say(language, "connect.not_readable"))
    except ProviderError as error:
        sentence = say(language, "connect.slack_refused", reason=reason_of(error).said(language))
        raise AppError("slack_refused", sentence) from error
    details = {"channel_id": found.id, "channel_name": found.name}
    proven = Proven(team.team_id, team.team, True, {"token": token}, details)
    _keep(runtime, tenant_id, "slack", proven)


def _begin(runtime: Runtime, tenant_id: int, provider: str) -> Connection:
    with runtime.database.writing(tenant_id) as session:
        return begin_connection(session, provider)


def _keep(runtime: Runtime, tenant_id: int, provider: str, proven: Proven) -> None:
    with runtime.database.writing(tenant_id) as session:
        _store(session, runtime, provider, proven)


def _store(session: ScopedSession, runtime: Runtime, provider: str, proven: Proven) -> None:
    connection = begin_connection(session, provider)
    store_secrets(runtime.sealer, connection, dict(proven.secrets))
    connection.account_id, connection.account_name = proven.account_id, proven.account_name
    connection.livemode = proven.livemode
    connection.details = dict(proven.details)
    connection.refreshed += 1
    connected(session, connection)
