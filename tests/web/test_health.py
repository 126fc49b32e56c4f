"""Is it up, and is it well: for load balancers and people."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app import create_app, messages
from app.accounts.configuration import note_refusal, note_success
from app.clock import wall_now
from app.db import EVERY_TENANT, Database
from app.errors import FailureKind, ProviderError
from app.models import Message
from app.settings import Secret, Settings
from tests.support.environ import CLOSED
from tests.support.house import House
from tests.support.postgres import OwnServer
from tests.support.redis import frozen
from tests.workers.told import accepted, tell


def ready(house: House) -> tuple[int, dict[str, object]]:
    answer = house.app.test_client().get("/readyz")
    return answer.status_code, answer.get_json()


def test_alive_is_ok(house: House) -> None:
    answer = house.app.test_client().get("/healthz")

    assert (answer.status_code, answer.get_json()["status"]) == (200, "ok")


def test_ready_without_redis_is_ready(house: House) -> None:
    status, body = ready(house)

    assert status == 200
    assert body["database"] == "ok"
    assert body["redis"] == "away"
    assert body["oldest_open_seconds"] is None


def test_ready_with_redis_says_so(house: House, redis_url: str) -> None:
    settings = replace(house.runtime.settings, redis_url=Secret(redis_url))
    app = create_app(settings, replace(house.runtime, settings=settings))

    assert app.test_client().get("/readyz").get_json()["redis"] == "ok"


@pytest.mark.parametrize(("minutes", "status"), [(1, 200), (31, 503)])
def test_old_open_message_is_unwell(house: House, minutes: int, status: int) -> None:
    tell(house, "slack.paid", accepted(house))
    with house.runtime.database.writing(EVERY_TENANT) as session:
        row = session.query(Message).filter(Message.kind == "slack.paid").one()
        row.available_at = wall_now() - timedelta(minutes=minutes)

    code, body = ready(house)

    oldest = body["oldest_open_seconds"]
    assert code == status
    assert isinstance(oldest, float)
    assert minutes * 60 <= oldest < minutes * 60 + 60


def test_message_that_its_vendor_paused_is_well(house: House) -> None:
    tell(house, "slack.paid", accepted(house))
    with house.runtime.database.writing(house.tenant_id) as session:
        row = session.query(Message).filter(Message.kind == "slack.paid").one()
        row.available_at -= timedelta(hours=1)
        messages.pause(session, "slack", timedelta(hours=1))

    assert ready(house)[0] == 200


def test_dead_letters_are_counted_and_well(house: House) -> None:
    tell(house, "slack.paid", accepted(house))
    with house.runtime.database.writing(EVERY_TENANT) as session:
        row = session.query(Message).filter(Message.kind == "slack.paid").one()
        row.status = "dead"

    status, body = ready(house)

    assert (status, body["dead_letters"]) == (200, 1)


def test_database_away_is_unwell_and_alive(house: House) -> None:
    database = Database(CLOSED["DATABASE_URL"])
    client = create_app(
        house.runtime.settings, replace(house.runtime, database=database)
    ).test_client()

    unwell, alive = client.get("/readyz"), client.get("/healthz")

    assert (unwell.status_code, unwell.get_json()["database"]) == (503, "away")
    assert alive.status_code == 200


def timed(app: Flask) -> tuple[int, dict[str, Any], float]:
    """Status and body of the answer, and the seconds it took."""
    began = time.perf_counter()
    answer = app.test_client().get("/readyz")
    return answer.status_code, answer.get_json(), time.perf_counter() - began


def test_frozen_redis_is_said_in_time(house: House, redis_url: str) -> None:
    with frozen(redis_url):
        status, body, took = timed(house.app)

    assert (status, body["database"], body["redis"]) == (200, "ok", "away")
    assert took < 1


@pytest.fixture
def guarded_app(own_postgres: OwnServer, own_template: str, redis_url: str) -> Iterator[Flask]:
    """The product on a server that will be frozen, beside a Redis that may be."""
    url = own_postgres.server.url(own_postgres.server.create(own_template))
    app = create_app(Settings.from_env({**CLOSED, "DATABASE_URL": url, "REDIS_URL": redis_url}))
    yield app
    app.extensions["propale"].database.engine.dispose()


@pytest.mark.parametrize("whole", [False, True], ids=["backends", "server"])
def test_frozen_database_is_said_in_time(
    guarded_app: Flask, own_postgres: OwnServer, redis_url: str, *, whole: bool
) -> None:
    before, _, _ = timed(guarded_app)

    with own_postgres.frozen(whole=whole), frozen(redis_url):
        status, body, took = timed(guarded_app)
    after, _, _ = timed(guarded_app)

    assert (before, status, after) == (200, 503, 200)
    assert (body["database"], body["redis"]) == ("away", "away")
    assert body["oldest_open_seconds"] is None
    assert took < 1


def test_unreachable_database_is_said_in_time(guarded_app: Flask, own_postgres: OwnServer) -> None:
    """No connection is open yet, and none comes."""
    with own_postgres.frozen(whole=True):
        status, body, took = timed(guarded_app)

    assert (status, body["database"]) == (503, "away")
    assert took < 1


def test_busy_connections_are_said_as_json(guarded_app: Flask) -> None:
    engine = guarded_app.extensions["propale"].database.engine
    with ExitStack() as held:
        for _ in range(engine.pool.size() + engine.pool._max_overflow):
            held.enter_context(engine.connect())
        status, body, _ = timed(guarded_app)

    assert (status, body["database"]) == (503, "away")


def test_vendor_that_refuses_this_server_is_unwell(house: House) -> None:
    error = ProviderError("hubspot", FailureKind.CONFIGURATION, "Refused.", code="BAD_CLIENT_ID")
    note_refusal(house.runtime.database, error)

    status, body = ready(house)
    note_success(house.runtime.database, "hubspot")

    assert (status, body["refused"]) == (503, {"hubspot": "BAD_CLIENT_ID"})
    assert ready(house) == (200, {**body, "status": "ok", "refused": {}})
