"""A platform's key: it reaches connected accounts only, and hears of their events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import requests
import stripe

from sandbox.stripe.platforms import PLATFORM_KEY
from tests.contracts.stripe_sandbox.seller import Seller

if TYPE_CHECKING:
    from sandbox.server import Server
    from tests.contracts.stripe_sandbox.receiver import Receiver

ACCOUNT = "acct_sandbox0002"
ON_ACCOUNT: Any = {"stripe_account": ACCOUNT}


def set_app(sandbox: Server, *, installed: bool) -> None:
    """The account's owner installs the platform's app, or removes it."""
    base = sandbox.world.settings.stripe_api_base
    given = {"account": ACCOUNT, "installed": installed}
    assert requests.post(f"{base}/control/platform", json=given, timeout=5).status_code == 200


def test_key_reaches_a_connected_account(sandbox: Server) -> None:
    platform = Seller(sandbox, PLATFORM_KEY)
    set_app(sandbox, installed=True)

    made = platform.v1.customers.create({"name": "Anna"}, ON_ACCOUNT)

    assert platform.v1.accounts.retrieve_current(options=ON_ACCOUNT).id == ACCOUNT
    assert Seller(sandbox, "rk_test_sandbox0002").v1.customers.retrieve(made.id).name == "Anna"


@pytest.mark.parametrize("removed", [False, True])
def test_key_reaches_no_other_account(sandbox: Server, removed: bool) -> None:
    if removed:
        set_app(sandbox, installed=True)
        set_app(sandbox, installed=False)

    with pytest.raises(stripe.PermissionError, match="access may have been revoked") as refusal:
        Seller(sandbox, PLATFORM_KEY).v1.accounts.retrieve_current(options=ON_ACCOUNT)

    assert refusal.value.http_status == 403
    assert "account_invalid" in str(refusal.value.http_body)


def test_sellers_own_key_reaches_no_account_but_hers(seller: Seller) -> None:
    with pytest.raises(stripe.PermissionError):
        seller.v1.accounts.retrieve_current(options=ON_ACCOUNT)


def test_platform_hears_of_its_accounts_events(sandbox: Server, receiver: Receiver) -> None:
    platform, other = Seller(sandbox, PLATFORM_KEY), Seller(sandbox, "rk_test_sandbox0002")
    given = {"url": receiver.url, "enabled_events": ["*"], "connect": True}
    endpoint = platform.v1.webhook_endpoints.create(given)
    other.customer()
    set_app(sandbox, installed=True)
    platform.v1.customers.create({"name": "of the platform"})
    other.customer()
    set_app(sandbox, installed=False)
    receiver.wait(lambda: len(receiver.arrivals) == 3)

    assert [(event.type, event.account) for event in receiver.events(endpoint.secret)] == [
        ("account.application.authorized", ACCOUNT),
        ("customer.created", ACCOUNT),
        ("account.application.deauthorized", ACCOUNT),
    ]
    assert "account" in json.loads(receiver.arrivals[0].body)


def test_account_itself_hears_nothing_of_the_app(sandbox: Server, receiver: Receiver) -> None:
    own = Seller(sandbox, "rk_test_sandbox0002")
    given: Any = {"url": receiver.url, "enabled_events": ["*"]}
    endpoint = own.v1.webhook_endpoints.create(given)

    set_app(sandbox, installed=True)
    set_app(sandbox, installed=False)
    own.customer()
    receiver.wait(lambda: bool(receiver.arrivals))

    assert [event.type for event in receiver.events(endpoint.secret)] == ["customer.created"]


def test_app_that_is_not_there_can_be_removed(sandbox: Server) -> None:
    set_app(sandbox, installed=False)
