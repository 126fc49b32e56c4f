"""What Prometheus reads, and who may."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import TestResponse

from app import create_app, messages
from app.clock import wall_now
from app.db import EVERY_TENANT, Database
from app.metrics.tallies import Tallies
from app.models import Message
from app.settings import Secret
from tests.support.environ import CLOSED
from tests.support.house import ON_BOTH, House
from tests.web.webhook_calls import event
from tests.workers.told import accepted, tell

TOKEN = CLOSED["METRICS_TOKEN"]
Labels = frozenset[tuple[str, str]]


def scrape(house: House, authorization: str = f"Bearer {TOKEN}") -> TestResponse:
    return house.app.test_client().get("/metrics", headers={"Authorization": authorization})


def read(house: House) -> dict[tuple[str, Labels], float]:
    """Every sample that Prometheus would take."""
    answer = scrape(house)
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def sample(house: House, name: str, **labels: str) -> float:
    return read(house).get((name, frozenset(labels.items())), 0.0)


@pytest.fixture
def rise(house: House) -> Callable[..., float]:
    """By how much a sample rose since the last store."""
    tallies = Tallies(house.runtime.database)
    tallies.store()

    def risen(name: str, **labels: str) -> float:
        before = sample(house, name, **labels)
        tallies.store()
        return sample(house, name, **labels) - before

    return risen


Rise = Callable[..., float]


@pytest.mark.parametrize(
    "wrong", ["", "Bearer ", "Bearer another-token-that-is-long-enough", TOKEN, f"Basic {TOKEN}"]
)
def test_without_the_token_nothing_is_told(house: House, wrong: str) -> None:
    answer = scrape(house, wrong)

    assert answer.status_code == 401
    assert "propale_" not in answer.text


@pytest.mark.parametrize("given", ["", "Bearer ", f"Bearer {TOKEN}"])
def test_without_a_token_of_ours_there_is_no_page(house: House, given: str) -> None:
    settings = replace(house.runtime.settings, metrics_token=Secret(""))
    app = create_app(settings, replace(house.runtime, settings=settings))

    answer = app.test_client().get("/metrics", headers={"Authorization": given})

    assert answer.status_code == 404


def test_database_away_is_503(house: House) -> None:
    runtime = replace(house.runtime, database=Database(CLOSED["DATABASE_URL"]))
    app = create_app(runtime.settings, runtime)

    answer = app.test_client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})

    assert answer.status_code == 503


@ON_BOTH
def test_open_messages_are_counted_by_kind_and_state(house: House) -> None:
    purchase = accepted(house)
    tell(house, "slack.paid", purchase)
    tell(house, "email.rep_paid", purchase)
    with house.runtime.database.writing(house.tenant_id) as session:
        rows = {row.kind: row for row in session.query(Message).filter_by(status="pending")}
        rows["email.rep_paid"].available_at = wall_now() + timedelta(hours=1)
        rows["slack.paid"].available_at = wall_now() - timedelta(minutes=5)

    found = read(house)

    due = frozenset({("kind", "slack.paid"), ("state", "due")})
    later = frozenset({("kind", "email.rep_paid"), ("state", "later")})
    assert found["propale_messages_open", due] == 1
    assert found["propale_messages_open", later] == 1
    assert 300 <= found["propale_messages_due_seconds", frozenset({("kind", "slack.paid")})] < 310
    assert ("propale_messages_due_seconds", frozenset({("kind", "email.rep_paid")})) not in found


def test_message_in_work_is_leased(house: House) -> None:
    tell(house, "slack.paid", accepted(house))
    messages.claim(house.runtime.database, 1)

    assert sample(house, "propale_messages_open", kind="slack.paid", state="leased") == 1


def test_dead_letters_are_counted_by_kind(house: House) -> None:
    tell(house, "slack.paid", accepted(house))
    with house.runtime.database.writing(EVERY_TENANT) as session:
        session.query(Message).filter_by(kind="slack.paid").one().status = "dead"

    assert sample(house, "propale_dead_letters", kind="slack.paid") == 1


@ON_BOTH
def test_money_stands_on_its_ladder(house: House) -> None:
    accepted(house, "paid")
    accepted(house, "past_due")

    assert sample(house, "propale_purchases", status="paid") == 1
    assert sample(house, "propale_purchases", status="past_due") == 1
    assert sample(house, "propale_connections", provider="stripe", status="connected") == 1


def test_webhooks_are_counted_by_what_became_of_them(house: House, rise: Rise) -> None:
    for _ in range(3):
        house.post_event(event())
    house.post_event({**event(), "id": "evt_other", "type": "plan.created"})
    house.post_event(event(), secret="whsec_of_another")

    assert rise("propale_webhooks_total", provider="stripe", outcome="new") == 1
    found = read(house)
    counted = {
        dict(labels)["outcome"] for name, labels in found if name == "propale_webhooks_total"
    }
    assert counted >= {"new", "duplicate", "ignored", "refused"}


def test_forgery_at_the_door_of_all_accounts_is_counted(house: House, rise: Rise) -> None:
    settings = replace(house.runtime.settings, stripe_platform_webhook_secret=Secret("whsec_all"))
    app = create_app(settings, replace(house.runtime, settings=settings))

    answer = app.test_client().post("/webhooks/stripe", data=b"{}")

    assert answer.status_code == 400
    assert rise("propale_webhooks_total", provider="stripe", outcome="refused") == 1


def test_requests_are_counted_by_route_not_address(house: House, rise: Rise) -> None:
    house.app.test_client().get("/p/a-link-that-nobody-may-read")

    assert rise("propale_requests_total", route="/p/<token>", status="404") == 1
    assert "a-link-that" not in scrape(house).text


def test_told_message_is_timed_from_the_acceptance(house: House, rise: Rise) -> None:
    tell(house, "slack.accepted", accepted(house))
    house.drain.run()

    assert rise("propale_message_seconds_count", kind="slack.accepted") == 1
    assert sample(house, "propale_attempts_total", kind="slack.accepted", outcome="done") >= 1


def test_calls_of_vendors_are_counted_by_outcome(house: House, rise: Rise) -> None:
    tell(house, "slack.paid", accepted(house))
    house.fail("slack", status=503)
    house.drain.run()
    house.retry()

    assert rise("propale_provider_calls_total", provider="slack", outcome="unknown_outcome") == 1
    assert sample(house, "propale_provider_calls_total", provider="slack", outcome="ok") >= 1
    assert sample(house, "propale_provider_seconds_count", provider="slack") >= 2


def test_no_tenant_is_named(house: House) -> None:
    house.bought("5101")
    Tallies(house.runtime.database).store()

    # Without the figures: the digits of a number of seconds may be those of a deal.
    text = re.sub(r" [-+.\de]+$", "", scrape(house).text, flags=re.MULTILINE)

    assert 'route="' in text
    for word in (str(house.account.portal), "maison", "Maison", "@", "5101", "P-20", "cus_"):
        assert word not in text, word
