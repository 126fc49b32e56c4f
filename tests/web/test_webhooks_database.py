"""Webhooks while the database is away, frozen, or drops what idles: 503 or 200, soon, none lost."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import psycopg
import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from app import create_app
from app.db import Database
from app.settings import Secret, Settings
from app.web import webhooks
from sandbox.stripe.signatures import sign
from tests.support.house import House, install, make_runtime
from tests.support.postgres import OwnServer
from tests.web.webhook_calls import event, stored

MOST_OVERFLOW = 10  # SQLAlchemy's own: connections beyond the pool's size
PATIENCE = 2.0


@dataclass
class Sender:
    """Stripe, posting one event again and again, with a signature that stays good."""

    house: House

    def post(self, number: int = 1) -> TestResponse:
        body = json.dumps(event(id=f"evt_{number}")).encode()
        headers = {"Stripe-Signature": sign(body, self.secret, int(time.time()))}
        return self.house.app.test_client().post(self.path, data=body, headers=headers)

    def timed(self, number: int = 1) -> tuple[int, float]:
        """The status and the seconds it took."""
        began = time.perf_counter()
        return self.post(number).status_code, time.perf_counter() - began

    def __post_init__(self) -> None:
        self.path = f"/webhooks/stripe/{self.house.connection('stripe').public_id}"
        self.secret = self.house.webhook_secret()


@pytest.fixture
def guarded_house(
    request: pytest.FixtureRequest, own_postgres: OwnServer, own_template: str
) -> Iterator[House]:
    """A house on the server that will be stopped or frozen."""
    url = own_postgres.server.url(own_postgres.server.create(own_template))
    settings: Settings = request.getfixturevalue("house_settings")
    sandbox = request.getfixturevalue("sandbox")
    sandbox.world.clock.database_url = ""
    house = install(sandbox, make_runtime(replace(settings, database_url=Secret(url))))
    yield house
    house.runtime.database.engine.dispose()
    house.runtime.database._alone.dispose()


def test_database_down_is_503_and_back_by_itself(
    guarded_house: House, own_postgres: OwnServer
) -> None:
    sender = Sender(guarded_house)
    warm = sender.post()

    own_postgres.stop()
    down, took = sender.timed()
    own_postgres.start()
    back = sender.post()

    assert (warm.status_code, down, back.status_code) == (200, 503, 200)
    assert took < PATIENCE


LONG = pytest.mark.long


# Each state, and each way to freeze: all of their pairs with `--long`.
@pytest.mark.parametrize(
    ("state", "whole"),
    [
        pytest.param("warm", True, id="warm-server"),
        pytest.param("warm", False, id="warm-backends", marks=LONG),
        pytest.param("door closed", False, id="door closed-backends"),
        pytest.param("door closed", True, id="door closed-server", marks=LONG),
        pytest.param("no connection", True, id="no connection-server"),
        pytest.param("no connection", False, id="no connection-backends", marks=LONG),
    ],
)
def test_frozen_database_is_503_in_time_and_back_by_itself(
    guarded_house: House, own_postgres: OwnServer, state: str, *, whole: bool
) -> None:
    sender, database = Sender(guarded_house), guarded_house.runtime.database
    warm = sender.post()
    if state != "warm":
        webhooks._doors.clear()
    if state == "no connection":
        database.engine.dispose()
        database._alone.dispose()

    with own_postgres.frozen(whole=whole):
        frozen, took = sender.timed(2)
    back = sender.post(2)

    thawed = state == "no connection" and not whole  # nothing of it was frozen
    assert (warm.status_code, frozen, back.status_code) == (200, 200 if thawed else 503, 200)
    assert took < PATIENCE
    assert len(stored(guarded_house)) == 2


def test_flood_at_a_frozen_database_is_503_in_time(
    guarded_house: House, own_postgres: OwnServer
) -> None:
    sender = Sender(guarded_house)
    sender.post()
    numbers = range(2, 34)

    with ThreadPoolExecutor(16) as pool:
        with own_postgres.frozen(whole=True):
            answers = list(pool.map(sender.timed, numbers))
        back = list(pool.map(sender.timed, numbers))

    assert {status for status, _ in answers} == {503}
    assert max(took for _, took in answers) < PATIENCE
    assert {status for status, _ in back} == {200}
    assert len(stored(guarded_house)) == 1 + len(numbers)


def cut_idle_connections(house: House) -> None:
    """What a server, a proxy or a firewall does to connections that idle."""
    url = str(house.runtime.settings.database_url).replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )


@pytest.fixture
def wary_house(house: House) -> House:
    """Its process trusts no connection that idled, be it for an instant."""
    settings = house.runtime.settings
    database = Database(settings.database_url, trusted_seconds=0)
    runtime = replace(house.runtime, database=database)
    return replace(house, runtime=runtime, app=create_app(settings, runtime))


@pytest.mark.parametrize("house_database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("door", ["open", "closed"])
def test_dropped_connections_cost_no_webhook(wary_house: House, door: str) -> None:
    house = wary_house
    body, secret = json.dumps(event()).encode(), house.webhook_secret()
    address = f"/webhooks/stripe/{house.connection('stripe').public_id}"
    headers = {"Stripe-Signature": sign(body, secret, int(time.time()))}
    client = house.app.test_client()
    if door == "open":
        client.post(address, data=body, headers=headers)
    idle(house)
    cut_idle_connections(house)

    answers = [client.post(address, data=body, headers=headers).status_code for _ in range(4)]

    assert answers == [200] * 4
    assert len(stored(house)) == 1


def idle(house: House) -> None:
    """Fill the pool with connections that nobody uses."""
    engine = house.runtime.database.engine
    held = [engine.connect() for _ in range(4)]
    for connection in held:
        connection.execute(text("SELECT 1"))
        connection.close()


@pytest.mark.parametrize("house_database", ["postgresql"], indirect=True)
def test_no_free_connection_is_503_not_500(house: House) -> None:
    database = Database(house.runtime.settings.database_url, pool_size=1)
    runtime = replace(house.runtime, database=database)
    client = create_app(runtime.settings, runtime).test_client()
    held = [database.engine.connect() for _ in range(1 + MOST_OVERFLOW)]

    began = time.perf_counter()
    answer = client.post("/webhooks/stripe/unknown-door", data=b"{}")
    took = time.perf_counter() - began
    for connection in held:
        connection.close()

    assert answer.status_code == 503
    assert took < 2
    assert client.post("/webhooks/stripe/unknown-door", data=b"{}").status_code == 404
