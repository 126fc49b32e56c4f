"""Credentials that a vendor turns down: one refresh, else one mail, and all goes on afterwards."""

from datetime import timedelta

import pytest

from app import messages
from app.accounts.clients import slack_client, stripe_client
from app.accounts.connect_slack import connect_slack
from app.accounts.connect_stripe import connect_stripe
from app.accounts.connections import open_secrets, store_secrets
from app.accounts.install import Grant, install_tenant
from app.accounts.refresh import hubspot_token
from app.audit import US
from app.clock import wall_now
from app.errors import FailureKind, ProviderError
from app.messages import Claimed
from app.models import Connection
from app.runtime import Runtime
from sandbox.hubspot import tokens
from sandbox.hubspot.registration import registration
from sandbox.slack.teams import tokens as slack_tokens
from tests.support.house import FIRST, House, keep_webhooks_for_the_test
from tests.workers.told import accepted, tell
from workers.attempt import Attempt
from workers.handler import Effect, Handler

TOKEN = "POST /oauth/2026-09/token"
OWNER = "bonjour@maison.example"


def revoke_stripe_key(house: House) -> None:
    """The seller rolled the key in Stripe: ours is one that nobody knows."""
    with house.runtime.database.writing(house.tenant_id) as session:
        connection = session.get_one(Connection, house.connection("stripe").id)
        known = open_secrets(house.runtime.sealer, connection)
        store_secrets(house.runtime.sealer, connection, {**known, "key": "rk_test_gone0000"})


def owner_mails(house: House) -> int:
    return len(house.mails(OWNER))


def test_expired_token_is_refreshed_once(house: House) -> None:
    tokens.expire(house.sandbox.world, "148111")

    house.send("5101")

    assert house.calls("hubspot").count(TOKEN) == 1
    assert house.connection("hubspot").status == "connected"


def test_uninstalled_portal_needs_reconnect_once(house: House) -> None:
    proposal = house.sent("5101")
    tokens.uninstall(house.sandbox.world, "148111")

    house.accept(proposal)
    house.retry()
    house.retry()

    assert house.connection("hubspot").status == "reconnect_needed"
    assert house.calls("hubspot").count(TOKEN) == 1
    assert owner_mails(house) == 1
    assert "/connections" in house.mails(OWNER)[0]["text"]
    assert {m.status for m in house.messages("hubspot.sync_deal")} == {"done", "pending"}


def test_reinstall_lets_waiting_pushes_go(house: House) -> None:
    proposal = house.sent("5101")
    tokens.uninstall(house.sandbox.world, "148111")
    house.accept(proposal)

    reinstall(house)
    house.settle()
    house.retry()  # they may have waited for the properties

    assert house.connection("hubspot").status == "connected"
    assert house.deal("5101")["propale_status"] == "accepted"
    assert house.open_errors() == []


def reinstall(house: House) -> None:
    """The same person installs the app again."""
    scopes = registration(house.sandbox.world.settings).required_scopes
    grant = {"portal": "148111", "user": 7001, "scopes": sorted(scopes)}
    answer = tokens.issue(house.sandbox.world, grant)
    again = Grant(
        hub_id=148111,
        user_id=7001,
        user_email="dana@maison.example",
        access_token=answer["access_token"],
        refresh_token=answer["refresh_token"],
        expires_in=1800,
        currency="EUR",
        time_zone="Europe/Paris",
        test_account=True,
        scopes=tuple(answer["scopes"]),
    )
    assert install_tenant(house.runtime, again) == house.tenant_id


def test_revoked_stripe_key_needs_reconnect_once(house: House) -> None:
    proposal = house.sent("5101")
    revoke_stripe_key(house)

    house.accept(proposal)
    house.retry()

    assert house.connection("stripe").status == "reconnect_needed"
    assert owner_mails(house) == 1
    assert house.message("stripe.open_page").status == "pending"


def test_new_stripe_key_lets_waiting_pages_open(house: House) -> None:
    proposal = house.sent("5101")
    revoke_stripe_key(house)
    purchase = house.accept(proposal)

    connect_stripe(house.runtime, house.tenant_id, FIRST.stripe_key, "fr", who=US)
    keep_webhooks_for_the_test(house)
    house.settle()

    assert house.purchase(purchase.id).stripe_page_url
    assert house.connection("stripe").status == "connected"


def test_new_stripe_key_lets_the_mail_with_the_invoice_go(house: House) -> None:
    purchase = house.accepted("5102")
    house.fail("stripe", method="GET", path="/v1/invoices/*/lines", status=401)
    house.enter(purchase)
    house.settle()
    waiting = house.message("email.invoice_paid").status

    connect_stripe(house.runtime, house.tenant_id, FIRST.stripe_key, "fr", who=US)
    keep_webhooks_for_the_test(house)
    house.settle()

    assert waiting == "pending"
    assert house.message("email.invoice_paid").status == "done"


def test_revoked_slack_token_needs_reconnect_once(house: House) -> None:
    slack_tokens(house.sandbox.world).pop(FIRST.slack_token)
    tell(house, "slack.accepted", accepted(house))
    tell(house, "slack.paid", accepted(house))

    house.settle()
    house.retry()

    assert house.connection("slack").status == "reconnect_needed"
    assert owner_mails(house) == 1
    assert {m.status for m in house.messages("slack.accepted") + house.messages("slack.paid")} == {
        "pending"
    }


def reconnect_stripe(house: House) -> None:
    connect_stripe(house.runtime, house.tenant_id, FIRST.stripe_key, "fr", who=US)


def reconnect_slack(house: House) -> None:
    connect_slack(house.runtime, house.tenant_id, FIRST.slack_token, "fr", who=US)


def use(house: House, provider: str) -> None:
    """Do what a handler does before it calls the vendor."""
    if provider == "stripe":
        stripe_client(house.runtime, house.tenant_id)
    elif provider == "slack":
        slack_client(house.runtime, house.connection("slack"))
    else:
        hubspot_token(house.runtime, house.tenant_id)


RECONNECT = {"stripe": reconnect_stripe, "slack": reconnect_slack, "hubspot": reinstall}


@pytest.mark.parametrize("provider", RECONNECT)
@pytest.mark.parametrize("reconnected", [True, False])
def test_refusal_of_old_credentials_leaves_the_new_connection(
    house: House, provider: str, *, reconnected: bool
) -> None:
    """Somebody connects again while the call with the old credentials is under way."""

    def work(_runtime: Runtime, _message: Claimed) -> Effect:
        use(house, provider)
        if reconnected:
            RECONNECT[provider](house)
        raise ProviderError(provider, FailureKind.AUTH, "Refused.")

    tell(house, "slack.paid", accepted(house))
    [claimed] = messages.claim(house.runtime.database, 1)
    Attempt(house.runtime, {"slack.paid": Handler(work)}, claimed).make()

    status = "connected" if reconnected else "reconnect_needed"
    row = house.message("slack.paid")
    assert house.connection(provider).status == status
    assert len(house.messages("email.owner_reconnect")) == (0 if reconnected else 1)
    assert row.waits_for == ("" if reconnected else provider)
    assert (row.available_at - wall_now() < timedelta(minutes=1)) is reconnected


def test_new_slack_token_lets_waiting_posts_go(house: House) -> None:
    known = slack_tokens(house.sandbox.world).pop(FIRST.slack_token)
    tell(house, "slack.paid", accepted(house))
    house.settle()
    slack_tokens(house.sandbox.world)["xoxb-new"] = known

    connect_slack(house.runtime, house.tenant_id, "xoxb-new", "fr", who=US)
    house.settle()

    assert len(house.posts()) == 2  # the connection's own trial, and what waited
    assert house.connection("slack").status == "connected"
