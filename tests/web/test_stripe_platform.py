"""Stripe by our platform's key: one door for all accounts, each event to its tenant."""

from __future__ import annotations

import json
from argparse import Namespace
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from app.accounts.clients import stripe_client
from app.audit import list_entries
from app.billing.stripe_events import HANDLED
from app.commands.connect_stripe import connect_stripe
from app.db import EVERY_TENANT
from app.errors import AppError, ProviderError
from app.models import Message
from app.settings import Secret
from sandbox.stripe import installs, keys
from sandbox.stripe.platforms import PLATFORM, PLATFORM_KEY
from sandbox.stripe.signatures import sign
from tests.support.house import FIRST, OTHER, House, moved_to
from tests.support.waiting import until
from tests.web.browsing import post_form, signed_in, words
from tests.web.webhook_calls import event, stored

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

NEW, OLD = "whsec_platform_new", "whsec_platform_old"
DEAUTHORIZED = "account.application.deauthorized"
APPLICATION = {"object": {"id": "ca_1", "object": "application"}}


def bind(house: House, account: str = FIRST.stripe, *, confirm: bool = False) -> None:
    """The operator binds an account whose owner has installed the platform's app."""
    asked = Namespace(tenant=house.account.portal, account=account, confirm=confirm)
    connect_stripe(house.runtime, asked, "fr")


@pytest.fixture
def bound(house: House) -> House:
    installs.install(house.books())
    bind(house)
    house.hears = False  # there is no endpoint on the account
    house.forget_calls()
    return house


def hear(bound: House) -> None:
    """Carry the account's events through the platform's door until nothing moves any more."""
    heard: set[str] = set()
    while new := [
        e for e in bound.stripe("event") if e["type"] in HANDLED and e["id"] not in heard
    ]:
        for one in new:
            heard.add(one["id"])
            assert post(bound, {**one, "account": FIRST.stripe}).status_code == 200
        bound.settle()


def post(house: House, sent: dict[str, Any], secret: str = NEW) -> TestResponse:
    body = json.dumps(sent).encode()
    now = int(house.sandbox.world.clock.wall().timestamp())
    header = {"Stripe-Signature": sign(body, secret, now)}
    return house.app.test_client().post("/webhooks/stripe", data=body, headers=header)


def test_whole_flow_runs_on_the_connected_account(bound: House) -> None:
    keys.expire(bound.sandbox.world, FIRST.stripe_key)

    purchase = bound.accept(bound.send("5101"))
    bound.enter(purchase)
    hear(bound)
    bound.pass_time(days=1)

    entries = bound.sandbox.world.journal.entries("stripe")
    calls = [entry for entry in entries if "/v1/" in entry["path"]]
    assert bound.purchase(purchase.id).status == "paid"
    assert {entry["headers"].get("Stripe-Account") for entry in calls} == {FIRST.stripe}
    assert bound.open_errors() == []


@pytest.mark.usefixtures("other_house")
def test_event_reaches_the_tenant_of_its_account(bound: House) -> None:
    answer = post(bound, event(account=FIRST.stripe))

    assert answer.status_code == 200
    assert [(row.tenant_id, row.status) for row in stored(bound)] == [(bound.tenant_id, "pending")]


def test_event_by_either_secret_is_kept_once(bound: House) -> None:
    sent = event(account=FIRST.stripe)

    answers = [post(bound, sent, secret).status_code for secret in (OLD, NEW, "whsec_third")]

    assert answers == [200, 200, 400]
    assert len(stored(bound)) == 1


@pytest.mark.parametrize("account", [OTHER.stripe, "acct_unknown", None, 7])
def test_event_of_nobodys_account_is_answered_and_kept_by_nobody(
    bound: House, account: object
) -> None:
    answer = post(bound, event(account=account))

    assert answer.status_code == 200
    with bound.runtime.database.reading(EVERY_TENANT) as session:
        assert session.query(Message).filter(Message.kind == "inbox.stripe").all() == []


def test_account_of_a_pasted_key_is_nobodys_here(house: House) -> None:
    assert post(house, event(account=FIRST.stripe)).status_code == 200
    assert stored(house) == []


def test_live_event_of_a_test_connection_is_ignored(bound: House) -> None:
    post(bound, event(account=FIRST.stripe, livemode=True))

    assert [row.status for row in stored(bound)] == ["ignored"]


def removed(bound: House) -> None:
    installs.remove(bound.books())
    post(bound, event(id="evt_gone", type=DEAUTHORIZED, account=FIRST.stripe, data=APPLICATION))
    bound.settle()


def test_account_that_removes_us_is_disconnected(bound: House) -> None:
    removed(bound)
    post(bound, event(id="evt_late", account=FIRST.stripe))

    row = bound.connection("stripe")
    late = next(one for one in stored(bound) if one.payload["event"]["id"] == "evt_late")
    assert row.status == "reconnect_needed"
    assert "ne laisse pas, ou plus, la plateforme" in row.problem
    assert (late.status, late.last_error) == ("ignored", "the account was disconnected")
    assert bound.read(list_entries)[0].what == "stripe.removed"
    assert len(bound.mails("bonjour@maison.example")) == 1


def test_removal_that_came_late_disconnects_nobody(bound: House) -> None:
    post(bound, event(type=DEAUTHORIZED, account=FIRST.stripe, data=APPLICATION))
    bound.settle()

    assert bound.connection("stripe").status == "connected"
    assert stored(bound)[0].last_error == "the account is still connected"


def test_account_bound_again_hears_again(bound: House) -> None:
    removed(bound)
    installs.install(bound.books())
    bind(bound)

    post(bound, event(id="evt_new", account=FIRST.stripe))

    assert bound.connection("stripe").status == "connected"
    assert stored(bound)[-1].status == "pending"


def test_pasted_key_takes_the_platforms_place(bound: House) -> None:
    post_form(signed_in(bound), "/connections/stripe", key=FIRST.stripe_key)

    assert bound.connection("stripe").platform_account is None
    assert post(bound, event(account=FIRST.stripe)).status_code == 200
    assert stored(bound) == []
    assert bound.post_event(event()).status_code == 200


def test_binding_keeps_the_old_endpoints_last_events(house: House) -> None:
    installs.install(house.books())
    secret = house.webhook_secret()
    bind(house)

    assert house.post_event(event(), secret=secret).status_code == 200
    assert house.stripe("webhook_endpoint") == []


@pytest.mark.parametrize(
    ("installed", "sentence"), [(False, "ne laisse pas, ou plus"), (True, "déjà rattaché")]
)
def test_account_that_is_not_theirs_is_not_bound(
    house: House, other_house: House, installed: bool, sentence: str
) -> None:
    if installed:
        installs.install(other_house.books())
        bind(other_house, OTHER.stripe)
    before = house.connection("stripe").sealed

    with pytest.raises(AppError, match=sentence):
        bind(house, OTHER.stripe)

    assert house.connection("stripe").sealed == before


def test_key_pasted_while_it_is_bound_stays(house: House) -> None:
    installs.install(house.books())
    house.fail("stripe", path="/v1/payment_method_configurations*", delay=0.6)
    faults = house.sandbox.world.faults

    with ThreadPoolExecutor(1) as pool:
        binding = pool.submit(bind, house)
        until(lambda: faults.listed() == [])
        post_form(signed_in(house), "/connections/stripe", key=FIRST.stripe_key)
        refused = binding.exception()

    assert isinstance(refused, AppError)
    assert refused.code == "stripe_changed"
    assert house.connection("stripe").platform_account is None
    assert house.endpoint()


def test_binding_another_account_asks_first(house: House, other_house: House) -> None:
    house.buy("5101")
    installs.install(other_house.books())

    with pytest.raises(AppError, match="Cette clé ouvre un autre compte"):
        bind(house, OTHER.stripe)
    bind(house, OTHER.stripe, confirm=True)

    assert house.connection("stripe").platform_account == OTHER.stripe


def test_platforms_bad_key_disconnects_nobody(bound: House) -> None:
    keys.expire(bound.sandbox.world, PLATFORM_KEY)

    with pytest.raises(ProviderError) as refused:
        stripe_client(bound.runtime, bound.tenant_id).retrieve_account()
    bound.click("5101")
    bound.settle()

    assert refused.value.kind == "configuration"
    assert bound.connection("stripe").status == "connected"
    assert bound.mails("bonjour@maison.example") == []


def refused(house: House) -> tuple[int, dict[str, str]]:
    """What monitoring reads of the vendors that refuse this server."""
    answer = house.app.test_client().get("/readyz")
    return answer.status_code, answer.get_json()["refused"]


def test_refused_platform_key_is_shown_until_it_is_mended(bound: House) -> None:
    keys.expire(bound.sandbox.world, PLATFORM_KEY)
    bound.click("5101")
    bound.settle()
    shown = refused(bound)

    keys.grant(bound.sandbox.world, PLATFORM_KEY, PLATFORM, None)
    bound.retry()

    assert shown == (503, {"stripe": "invalid_api_key"})
    assert refused(bound) == (200, {})
    assert len(bound.messages("email.proposal_sent")) == 1


def test_permission_the_platforms_key_lacks_is_shown(bound: House) -> None:
    keys.grant(bound.sandbox.world, PLATFORM_KEY, PLATFORM, ["product_read"])
    bound.click("5101")
    bound.settle()

    assert refused(bound) == (503, {"stripe": "missing_permission"})


def test_looking_again_notes_what_became_of_the_platforms_key(bound: House) -> None:
    client = signed_in(bound)
    keys.expire(bound.sandbox.world, PLATFORM_KEY)
    post_form(client, "/connections/stripe/check")
    shown = refused(bound)

    keys.grant(bound.sandbox.world, PLATFORM_KEY, PLATFORM, None)
    post_form(client, "/connections/stripe/check")

    assert shown == (503, {"stripe": "invalid_api_key"})
    assert refused(bound) == (200, {})


def test_box_of_a_bound_account_offers_a_look(bound: House) -> None:
    client = signed_in(bound)

    answer = post_form(client, "/connections/stripe/check")
    page = words(client.get("/connections"))

    assert answer.status_code == 303
    assert "rattaché par la plateforme" in page
    assert "Droits de la clé" not in page


def test_look_without_the_platforms_key_is_one_sentence(bound: House) -> None:
    client = signed_in(bound)
    none = replace(bound.runtime.settings, stripe_platform_key=Secret(""))

    with moved_to(bound, replace(bound.runtime, settings=none)):
        answer = post_form(client, "/connections/stripe/check")

    assert answer.status_code == 422
    assert "La vérification n’a pas abouti. Ce serveur n’a pas de clé" in words(answer)


def test_bound_account_gets_no_endpoint_of_its_own(bound: House) -> None:
    answer = post_form(signed_in(bound), "/connections/stripe/endpoint")

    assert answer.status_code == 422
    assert "rattaché par la plateforme" in words(answer)
    assert bound.stripe("webhook_endpoint") == []
