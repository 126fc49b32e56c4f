"""How often somebody may call, and what she reads when it was too often."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import redis
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.settings import Secret
from app.web import limits
from app.web.limits import BUDGETS, SIGNED
from sandbox.stripe.signatures import sign
from tests.factories import token_of
from tests.support.environ import CLOSED
from tests.support.house import House
from tests.support.redis import frozen
from tests.web.card_calls import Call, deal
from tests.web.forms import read
from tests.web.test_route_auth import CALLERS, ROUTES
from tests.web.webhook_calls import event, stored

Limited = Callable[..., FlaskClient]
OTHERS = {"REMOTE_ADDR": "192.0.2.99"}


@pytest.fixture
def limited(house: House, redis_url: str) -> Limited:
    """A browser of the same house where calls are counted: `limited(trusted_proxies=1)`."""

    def make(**changes: Any) -> FlaskClient:
        on = {"rate_limits": True, "redis_url": Secret(redis_url), **changes}
        settings = replace(house.runtime.settings, **on)
        app: Flask = create_app(settings, replace(house.runtime, settings=settings))
        client = app.test_client()
        client.environ_base["HTTP_ORIGIN"] = settings.public_url
        return client

    return make


@pytest.fixture
def three(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every budget is three calls, so that a test need not make hundreds."""
    budget = limits.Budget(3, link=3)
    few = dict.fromkeys(BUDGETS, (budget, budget))
    # The numbers are constants of the product, no settings: nothing else can make them small.
    monkeypatch.setattr(limits, "BUDGETS", few)
    monkeypatch.setattr(limits, "FORGERIES", 3)
    monkeypatch.setattr(limits, "CARD_CALLS", 3)


def statuses(calls: Callable[[], Any], times: int = 5) -> list[int]:
    return [calls().status_code for _ in range(times)]


def test_every_caller_has_a_budget() -> None:
    assert set(BUDGETS) | SIGNED == {caller.partition(" who may ")[0] for caller in CALLERS}


@pytest.mark.usefixtures("three")
def test_route_that_wants_a_right_is_counted_too(limited: Limited) -> None:
    client = limited()
    wanting = next(rule.rule for rule, _, caller in ROUTES if " who may " in caller)

    assert statuses(lambda: client.post(wanting))[-1] == 429


def test_budgets_are_generous_for_people() -> None:
    reading, changing = BUDGETS["holder of the link"]

    assert reading.link >= 4 * 30  # a page that waits, four times over
    assert reading.address >= 100 * 5  # an office where a hundred people look five times
    assert changing.link >= 10


@pytest.mark.usefixtures("three")
def test_fourth_guess_of_a_link_is_429(limited: Limited) -> None:
    client, guesses = limited(), iter(range(9))

    assert statuses(lambda: client.get(f"/sign-in/{next(guesses)}")) == [404, 404, 404, 429, 429]
    assert client.get("/sign-in/8", environ_base=OTHERS).status_code == 404
    assert client.get("/healthz").status_code == 200


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(("language", "words"), [("fr", "patientez une minute"), ("en", "wait a")])
def test_too_often_is_one_sentence(limited: Limited, language: str, words: str) -> None:
    client = limited()
    for _ in range(3):
        client.get("/install")

    answer = client.get("/install", headers={"Accept-Language": language})

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "60"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert words in answer.text


@pytest.mark.usefixtures("three")
def test_link_is_counted_from_all_addresses(limited: Limited, house: House) -> None:
    path, client = f"/p/{token_of(house.sent())}", limited()
    addresses = iter(range(1, 9))

    def look() -> Any:
        return client.get(path, environ_base={"REMOTE_ADDR": f"192.0.2.{next(addresses)}"})

    assert statuses(look) == [200, 200, 200, 429, 429]


@pytest.mark.usefixtures("three")
def test_refused_acceptance_can_be_sent_again(
    limited: Limited, house: House, redis_url: str
) -> None:
    proposal, client = house.sent(), limited()
    action, fields = read(client, f"/p/{token_of(proposal)}").form("/accept", method="card")
    for _ in range(3):
        client.post(action, data={})

    refused = client.post(action, data=fields).status_code
    with redis.Redis.from_url(redis_url) as server:
        server.flushdb()  # the minute is over
    answer = house.work_meanwhile(lambda: client.post(action, data=fields))

    assert (refused, answer.status_code) == (429, 303)


@pytest.mark.usefixtures("three")
def test_subscribers_ipv6_addresses_are_one(limited: Limited) -> None:
    client = limited()
    hosts = iter(range(1, 9))

    def look() -> Any:
        return client.get("/sign-in", environ_base={"REMOTE_ADDR": f"2001:db8::{next(hosts)}"})

    assert statuses(look) == [200, 200, 200, 429, 429]
    other = {"REMOTE_ADDR": "2001:db8:0:1::1"}
    assert client.get("/sign-in", environ_base=other).status_code == 200


@pytest.mark.usefixtures("three")
def test_ipv4_written_as_ipv6_is_one_address_each(limited: Limited) -> None:
    """A server that listens on both is told ::ffff:192.0.2.1: nobody is locked out by another."""
    client = limited()

    def look(host: int) -> int:
        mapped = {"REMOTE_ADDR": f"::ffff:192.0.2.{host}"}
        return client.get("/sign-in", environ_base=mapped).status_code

    assert [look(1) for _ in range(5)] == [200, 200, 200, 429, 429]
    assert look(2) == 200


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(("hops", "last"), [(0, 429), (1, 200)])
def test_address_is_what_our_proxy_says(limited: Limited, hops: int, last: int) -> None:
    client, addresses = limited(trusted_proxies=hops), iter(range(1, 9))

    def look() -> Any:
        forwarded = f"203.0.113.7, 192.0.2.{next(addresses)}"  # the first is the caller's own word
        return client.get("/sign-in", headers={"X-Forwarded-For": forwarded})

    assert statuses(look)[-1] == last


def card(client: FlaskClient, call: Call) -> Any:
    return client.open(call.target, method=call.method, headers=call.headers())


@pytest.mark.usefixtures("three")
def test_card_is_counted_by_the_signed_person(limited: Limited, house: House) -> None:
    client = limited()
    house.view("5101")
    other = Call(deal().replace("userId=7001", "userId=7003"))

    assert statuses(lambda: card(client, Call(deal()))) == [200, 200, 200, 429, 429]
    assert card(client, Call(deal())).get_json()["error"]["message"]
    assert card(client, other).status_code == 200


@pytest.mark.usefixtures("three")
def test_forged_card_calls_spend_nobodys_budget(limited: Limited, house: House) -> None:
    client = limited()
    house.view("5101")

    forged = statuses(lambda: card(client, Call(deal(), secret="another")))

    assert forged == [401, 401, 401, 429, 429]
    assert card(client, Call(deal())).status_code == 200


def webhook(client: FlaskClient, house: House, secret: str, number: int) -> int:
    body = json.dumps(event(id=f"evt_{number}")).encode()
    path = f"/webhooks/stripe/{house.connection('stripe').public_id}"
    header = {"Stripe-Signature": sign(body, secret, int(time.time()))}
    return client.post(path, data=body, headers=header).status_code


@pytest.mark.usefixtures("three")
def test_well_signed_webhook_is_never_refused(limited: Limited, house: House) -> None:
    client = limited()

    forged = [webhook(client, house, "whsec_other", n) for n in range(5)]
    signed = [webhook(client, house, house.webhook_secret(), n) for n in range(5)]

    assert forged == [400, 400, 400, 429, 429]
    assert signed == [200] * 5
    assert len(stored(house)) == 5


@pytest.mark.usefixtures("three")
def test_without_redis_each_process_counts(limited: Limited, house: House) -> None:
    client = limited(redis_url=Secret(CLOSED["REDIS_URL"]))

    guesses = statuses(lambda: client.get("/sign-in/guess"))
    forged = [webhook(client, house, "whsec_other", n) for n in range(5)]

    assert guesses == [404, 404, 404, 429, 429]
    assert forged == [400, 400, 400, 429, 429]
    assert webhook(client, house, house.webhook_secret(), 9) == 200


def test_frozen_redis_costs_one_short_wait(limited: Limited, redis_url: str) -> None:
    client = limited()
    client.get("/sign-in")

    with frozen(redis_url):
        began = time.perf_counter()
        answers = statuses(lambda: client.get("/sign-in"), 20)
        took = time.perf_counter() - began

    assert answers == [200] * 20
    assert took < 2  # twenty waits would be five seconds


@pytest.mark.usefixtures("three")
def test_frozen_redis_opens_no_guessing(limited: Limited, house: House, redis_url: str) -> None:
    """Whoever guesses is counted in the process, and Stripe is let in."""
    client = limited()

    with frozen(redis_url):
        guesses = statuses(lambda: client.get("/sign-in/guess"))
        forged = [webhook(client, house, "whsec_other", n) for n in range(5)]
        signed = [webhook(client, house, house.webhook_secret(), n) for n in range(5)]

    assert guesses == [404, 404, 404, 429, 429]
    assert forged == [400, 400, 400, 429, 429]
    assert signed == [200] * 5


def test_counters_open_nothing(limited: Limited, house: House, redis_url: str) -> None:
    token = token_of(house.sent())
    limited().get(f"/p/{token}")

    with redis.Redis.from_url(redis_url) as server:
        keys = [key.decode() for key in server.keys("*")]

    assert len(keys) == 2
    assert all(token not in key for key in keys)
    assert all(0 < server.ttl(key) <= 60 for key in keys)
