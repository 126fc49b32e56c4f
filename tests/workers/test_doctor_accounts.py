"""The doctor at each account: its connections, its preferences, its first proposal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import delete, update

from app.db import EVERY_TENANT
from app.doctor import connections, readiness
from app.doctor.check import Check, State
from app.models import Connection, Preferences, Tenant
from app.seal import Sealer
from sandbox.hubspot import tokens
from sandbox.slack import teams
from sandbox.stripe import keys
from sandbox.stripe.accounts import switch
from tests.support.doctor import is_red, only
from tests.support.house import House

CHANNEL = "C0VENTES"


def looked_at(house: House) -> list[Check]:
    return list(connections.look_at_connections(house.runtime, "en"))


@pytest.fixture
def selling(house: House) -> House:
    """A house to which Stripe delivers by itself, as it does outside of tests."""
    house.books().save({**house.endpoint(), "status": "enabled"})
    return house


def test_connected_account_is_well(selling: House) -> None:
    checks = looked_at(selling)

    assert [(check.name, check.state, check.about) for check in checks] == [
        ("connections.hubspot", State.OK, "148111"),
        ("connections.scopes", State.OK, "148111"),
        ("connections.stripe", State.OK, "148111"),
        ("connections.endpoint", State.OK, "148111"),
        ("connections.slack", State.OK, "148111"),
        ("connections.channel", State.OK, "148111"),
    ]


def test_product_that_nobody_installed_is_red(house: House) -> None:
    with house.runtime.database.writing(EVERY_TENANT) as session:
        session.execute(delete(Tenant))

    assert is_red(looked_at(house)[0], "No HubSpot account has installed", "/install in a browser")


def uninstall(house: House) -> None:
    tokens.uninstall(house.sandbox.world, str(house.account.portal))


def grant_less(house: House) -> None:
    """What this version asks for beyond what the portal once granted."""
    for table in (tokens.access_tokens, tokens.refresh_tokens):
        held = table(house.sandbox.world)
        for token, grant in held.items():
            kept = [scope for scope in grant["scopes"] if scope != "tax_rates.read"]
            held[token] = {**grant, "scopes": kept}


def revoke_key(house: House) -> None:
    del keys.keys(house.sandbox.world)[house.account.stripe_key]


def take_permission(house: House) -> None:
    account = house.account
    keys.grant(house.sandbox.world, account.stripe_key, account.stripe, ["accounts_kyc_basic_read"])


def choose_what_is_off(house: House) -> None:
    switch(house.books(), {"card"})
    with house.runtime.database.writing(house.tenant_id) as session:
        session.get_one(Preferences, house.tenant_id).methods = ["sepa_debit"]


def switch_methods_off(house: House) -> None:
    switch(house.books(), set())


def disable_endpoint(house: House) -> None:
    house.books().save({**house.endpoint(), "status": "disabled"})


def delete_endpoint(house: House) -> None:
    del house.books().table("webhook_endpoint")[house.endpoint()["id"]]


def revoke_slack(house: House) -> None:
    teams.revoke(house.sandbox.world, house.account.team, uninstalled=False)


def change_channel(**facts: bool) -> Callable[[House], None]:
    def change(house: House) -> None:
        listed = teams.channels(house.sandbox.world, house.account.team)
        listed[CHANNEL] = {**listed[CHANNEL], **facts}

    return change


def delete_channel(house: House) -> None:
    del teams.channels(house.sandbox.world, house.account.team)[CHANNEL]


def change_mode(house: House) -> None:
    with house.runtime.database.writing(EVERY_TENANT) as session:
        session.execute(update(Tenant).values(test_account=False))


def stripe_is_away(house: House) -> None:
    house.fail("stripe", status=500, times=20)


@pytest.mark.parametrize(
    ("break_it", "name", "said", "advice"),
    [
        (uninstall, "connections.hubspot", "HubSpot: ", "Install again"),
        (grant_less, "connections.scopes", "not granted: tax_rates.read", "Install again"),
        (revoke_key, "connections.stripe", "Stripe: ", "new restricted key"),
        (take_permission, "connections.stripe", "lacks permissions: ", "Edit the key"),
        (change_mode, "connections.stripe", "test key serves a real", "rk_live_"),
        (stripe_is_away, "connections.stripe", "Stripe: ", "api.stripe.com"),
        (choose_what_is_off, "connections.methods", "None of the payment methods", "or choose"),
        (switch_methods_off, "connections.methods", "neither cards nor SEPA", "Switch one"),
        (disable_endpoint, "connections.endpoint", "has switched off", "Restore the receiving"),
        (delete_endpoint, "connections.endpoint", "no longer has", "Restore the receiving"),
        (revoke_slack, "connections.slack", "Slack: ", "Connect Slack again"),
        (change_channel(is_archived=True), "connections.channel", "is archived", "Open it again"),
        (change_channel(is_member=False), "connections.channel", "not a member", "/invite"),
        (delete_channel, "connections.channel", "is gone", "/invite"),
    ],
)
def test_broken_connection_is_red(
    selling: House, break_it: Callable[[House], None], name: str, said: str, advice: str
) -> None:
    break_it(selling)

    check = only(looked_at(selling), name)

    assert is_red(check, said, advice)
    assert check.about == "148111"


def test_account_that_left_is_not_looked_at(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        left = update(Connection).where(Connection.provider == "hubspot")
        session.execute(left.values(status="disconnected"))

    assert [check.found for check in looked_at(house)] == ["nobody"]


@pytest.mark.parametrize("vendor", ["hubspot", "stripe"])
def test_missing_connection_is_red(house: House, vendor: str) -> None:
    forget(house, vendor)

    assert is_red(only(looked_at(house), f"connections.{vendor}"), "is not connected", "http")


def test_slack_is_nobodys_duty(house: House) -> None:
    forget(house, "slack")

    assert only(looked_at(house), "connections.slack").state is State.UNSEEN


def forget(house: House, vendor: str) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        session.execute(delete(Connection).where(Connection.provider == vendor))


def test_connection_that_no_key_opens_is_no_trace(house: House) -> None:
    other = replace(house.runtime, sealer=Sealer("another-key-that-opens-none-of-it"))

    checks = list(connections.look_at_connections(other, "en"))

    assert [check.found for check in checks] == ["sealed"] * 3


def test_one_lost_secret_is_told_with_the_secrets(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        session.get_one(Connection, house.connection("stripe").id).sealed = "lost"

    assert [check.found for check in looked_at(house)].count("sealed") == 1


def test_seller_who_said_everything_is_well(house: House) -> None:
    assert {check.state for check in readiness.look_at_preferences(house.runtime)} == {State.OK}


@pytest.mark.parametrize(
    ("change", "name", "said"),
    [
        ({"seller_name": ""}, "preferences.seller", "no proposal can be sent"),
        ({"seller_address": " "}, "preferences.seller", "no proposal can be sent"),
        ({"reply_to": ""}, "preferences.reply_to", "customers’ answers go to"),
        ({"methods": []}, "preferences.methods", "No payment method"),
    ],
)
def test_incomplete_preferences_are_red(
    house: House, change: dict[str, object], name: str, said: str
) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        session.execute(update(Preferences).values(**change))

    check = only(readiness.look_at_preferences(house.runtime), name)

    assert is_red(check, said, "/preferences")
    assert check.about == "148111"


def test_first_proposal_is_red_until_it_is_sent(house: House) -> None:
    before = list(readiness.look_at_first(house.runtime))
    house.send()
    after = [check.state for check in readiness.look_at_first(house.runtime)]

    assert is_red(before[0], "No proposal was sent yet", "card’s button")
    assert is_red(before[1], "No proposal was paid yet", "Stripe’s page")
    assert after == [State.OK, State.WRONG]


def test_first_proposal_that_was_paid_is_well(house: House) -> None:
    house.bought("5101")

    assert [check.state for check in readiness.look_at_first(house.runtime)] == [State.OK] * 2
