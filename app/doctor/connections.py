"""Each account's connections, by a few harmless calls: HubSpot, Stripe, Slack."""

from collections.abc import Callable, Iterator

from sqlalchemy import select

from app.accounts.channels import channels_used
from app.accounts.check_stripe import endpoint_state
from app.accounts.clients import slack_client, stripe_client
from app.accounts.connections import DISCONNECTED, LEAVING, find_connection
from app.accounts.refresh import hubspot_token
from app.accounts.scopes import missing_scopes
from app.accounts.stripe_standing import lacking_words
from app.accounts.unopened import UNOPENED, WRONG_KEYS
from app.db import EVERY_TENANT
from app.doctor.check import Check, ok, unseen, wrong
from app.errors import FailureKind, ProviderError
from app.models import Connection, Preferences, Tenant
from app.providers.slack.channel import SlackChannel
from app.reasons import reason_of
from app.runtime import Runtime


def look_at_connections(runtime: Runtime, language: str) -> Iterator[Check]:
    """Every account in turn; without one the product is installed nowhere."""
    tenants = served_tenants(runtime)
    if not tenants:
        yield wrong("connections.hubspot", "nobody", url=runtime.settings.public_url)
    for tenant in tenants:
        for check in look_at_account(runtime, tenant, language):
            yield check.of(str(tenant.hub_id))


def served_tenants(runtime: Runtime) -> list[Tenant]:
    """All accounts but those that have disconnected HubSpot: nothing is sold there any more."""
    gone = (Connection.provider == "hubspot") & Connection.status.in_((LEAVING, DISCONNECTED))
    left = select(Connection.tenant_id).where(gone)
    served = select(Tenant).where(Tenant.id.not_in(left)).order_by(Tenant.hub_id)
    with runtime.database.reading(EVERY_TENANT) as session:
        return list(session.scalars(served))


def look_at_account(runtime: Runtime, tenant: Tenant, language: str) -> Iterator[Check]:
    """Three vendors; what one of them refuses is a finding, too."""
    for vendor, look in LOOKS.items():
        name = f"connections.{vendor}"
        with runtime.database.reading(tenant.id) as session:
            row = find_connection(session, vendor)
        if row is None or not row.sealed:
            yield _missing(name, runtime.settings.public_url)
            continue
        try:
            yield from look(runtime, tenant, row, language)
        except ProviderError as error:
            yield _refused(name, error)


def _refused(name: str, error: ProviderError) -> Check:
    """What no key of ours opens is a finding of the step about the secrets."""
    if error.code in (UNOPENED, WRONG_KEYS):
        return unseen(name, "sealed")
    refused = error.kind in (FailureKind.AUTH, FailureKind.BLOCKED)
    return wrong(name, "refused" if refused else "failed", reason=reason_of(error))


def look_at_hubspot_grant(
    runtime: Runtime, tenant: Tenant, _row: Connection, _language: str
) -> Iterator[Check]:
    """HubSpot refreshes our token, with every scope; raises `ProviderError`."""
    held = hubspot_token(runtime, tenant.id)
    hubspot_token(runtime, tenant.id, refused=held)
    with runtime.database.reading(tenant.id) as session:
        row = find_connection(session, "hubspot")
    yield ok("connections.hubspot")
    missing = missing_scopes(row) if row else []
    names = {"names": ", ".join(missing)}
    yield wrong("connections.scopes", "missing", **names) if missing else ok("connections.scopes")


def look_at_stripe(
    runtime: Runtime, tenant: Tenant, row: Connection, language: str
) -> Iterator[Check]:
    """The key and its permissions, methods and mode, our endpoint; raises `ProviderError`."""
    stripe, name = stripe_client(runtime, tenant.id), "connections.stripe"
    account = stripe.retrieve_account()
    # What our platform's own key may do is no account's to mend.
    lacking = {} if row.platform_account else stripe.lacking_permissions()
    rows = lacking_words(lacking, language)
    if rows:
        yield wrong(name, "lacking", rows=rows)
        return  # what comes now needs them
    if account.livemode is tenant.test_account:
        yield wrong(name, "live" if account.livemode else "test")
    else:
        yield ok(name, account=account.name or account.id)
    yield from _look_at_methods(runtime, tenant, stripe.list_methods())
    state = endpoint_state(runtime, row, stripe)
    name = "connections.endpoint"
    yield ok(name) if state in ("enabled", "platform") else wrong(name, state)


def _look_at_methods(runtime: Runtime, tenant: Tenant, switched_on: set[str]) -> Iterator[Check]:
    with runtime.database.reading(tenant.id) as session:
        chosen = session.get_one(Preferences, tenant.id).methods
    if not switched_on:
        yield wrong("connections.methods", "none")
    elif switched_on.isdisjoint(chosen):
        yield wrong("connections.methods", "others", url=runtime.settings.public_url)


def look_at_slack(
    runtime: Runtime, tenant: Tenant, row: Connection, _language: str
) -> Iterator[Check]:
    """The token, and each channel that messages go to; raises `ProviderError`."""
    slack = slack_client(runtime, row)
    team = slack.test_auth()
    yield ok("connections.slack", team=team.team)
    with runtime.database.reading(tenant.id) as session:
        used = sorted(channels_used(session))
    if not used:
        yield wrong("connections.channel", "none")
    for channel_id in used:
        yield _look_at_channel(slack, channel_id)


def _look_at_channel(slack: SlackChannel, channel_id: str) -> Check:
    name, channel = "connections.channel", slack.read_channel(channel_id)
    if channel is None:
        return wrong(name, "gone", channel=channel_id)
    if channel.is_archived:
        return wrong(name, "archived", channel=channel.name)
    if not channel.is_member:
        return wrong(name, "left", channel=channel.name)
    return ok(name, channel=channel.name)


LOOKS: dict[str, Callable[[Runtime, Tenant, Connection, str], Iterator[Check]]] = {
    "hubspot": look_at_hubspot_grant,
    "stripe": look_at_stripe,
    "slack": look_at_slack,
}


def _missing(name: str, url: str) -> Check:
    """Nobody has to have Slack."""
    if name == "connections.slack":
        return unseen(name, "missing")
    return wrong(name, "missing", url=url)
