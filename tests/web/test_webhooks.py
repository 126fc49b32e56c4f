"""Stripe's door: what is signed is kept once, everything else is turned away unread."""

import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from app import create_app
from app.accounts.connections import open_secrets, store_secrets
from app.db import EVERY_TENANT, Database
from app.models import Connection, Message
from app.settings import Secret, Settings
from sandbox.stripe.deliveries import sign
from tests.support import machine, postgres
from tests.support.databases import migrate
from tests.support.house import House, install, make_runtime
from tests.support.postgres import PostgresServer
from tests.support.servers import account, free_port, running

SECRET = "whsec_new"
PURCHASE = "0a1b2c3d-0000-4000-8000-00000000abcd"
MOST_OVERFLOW = 10  # SQLAlchemy's own: connections beyond the pool's size


def event(**changes: Any) -> dict[str, Any]:
    """An event about one of our invoices, as Stripe words it."""
    about = {"id": "in_1", "object": "invoice", "metadata": {"propale_purchase": PURCHASE}}
    return {
        "id": "evt_1",
        "object": "event",
        "type": "invoice.paid",
        "livemode": False,
        "data": {"object": about},
        **changes,
    }


def stored(house: House) -> list[Message]:
    with house.runtime.database.reading(EVERY_TENANT) as session:
        return session.query(Message).filter(Message.kind == "inbox.stripe").all()


def post(house: House, body: bytes, **headers: str) -> TestResponse:
    address = f"/webhooks/stripe/{house.connection('stripe').public_id}"
    return house.app.test_client().post(address, data=body, headers=headers)


def test_signed_event_is_kept_as_a_message(house: House) -> None:
    answer = house.post_event(event())

    row = stored(house)[0]
    assert answer.status_code == 200
    assert (row.status, row.tenant_id) == ("pending", house.tenant_id)
    assert row.subject == f"purchase:{PURCHASE}"
    assert row.payload == {"event": event()}


def test_same_event_again_is_no_second_row(house: House) -> None:
    answers = [house.post_event(event()).status_code for _ in range(3)]

    assert answers == [200, 200, 200]
    assert len(stored(house)) == 1


def test_webhook_rings_the_bell(house: House) -> None:
    before = house.runtime.bell.rings  # type: ignore[attr-defined]

    house.post_event(event())

    assert house.runtime.bell.rings == before + 1  # type: ignore[attr-defined]


def wrong_signatures(secret: str, body: bytes) -> dict[str, str | None]:
    now = int(time.time())
    good = sign(body, secret, now)
    v1 = good.partition("v1=")[2]
    return {
        "missing": None,
        "empty": "",
        "another secret": sign(body, "whsec_other", now),
        "another body": sign(body + b" ", secret, now),
        "old": sign(body, secret, now - 301),
        "future": sign(body, secret, now + 301),
        "no time": f"v1={v1}",
        "another time": f"t={now - 1},v1={v1}",
        "other scheme": f"t={now},v0={v1}",
        "no number": f"t=now,v1={v1}",
        "shortened": good[:-1],
        "not ascii": f"t={now},v1=é",
    }


@pytest.mark.parametrize("wrong", wrong_signatures("", b""))
def test_wrong_signature_is_400_and_nothing_kept(house: House, wrong: str) -> None:
    body = json.dumps(event()).encode()
    header = wrong_signatures(house.webhook_secret(), body)[wrong]

    answer = post(house, body, **({} if header is None else {"Stripe-Signature": header}))

    assert answer.status_code == 400
    assert answer.get_json()["error"]["message"]
    assert stored(house) == []


def test_one_good_signature_among_several_is_enough(house: House) -> None:
    body, now = json.dumps(event()).encode(), int(time.time())
    good = sign(body, house.webhook_secret(), now)

    answer = post(house, body, **{"Stripe-Signature": f"{good},v1={'0' * 64},v0=x"})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"{}",
        b'{"id": 1, "type": "x", "data": {"object": {"id": "a"}}}',
        b'{"id": "evt", "data": {"object": {"id": "a"}}}',
        b"\xff\xfe",
        b'{"id": "evt", "type": "x", "data": {"object": {"id": "a"}}} trailing',
    ],
)
def test_signed_body_that_is_no_event_is_400(house: House, body: bytes) -> None:
    assert house.post_webhook(body).status_code == 400
    assert stored(house) == []


@pytest.mark.parametrize(
    "odd", [b'{"a":"\\u0000"}', b'{"a":"\\ud800"}', b'{"a":NaN}', b'{"a":1e999}']
)
@pytest.mark.parametrize("house_database", ["sqlite", "postgresql"], indirect=True)
def test_signed_oddities_are_never_a_500(house: House, odd: bytes) -> None:
    plain = json.dumps(event()).encode()
    body = plain[:-1] + b', "odd": ' + odd + b"}"

    answer = house.post_webhook(body)

    assert answer.status_code in {200, 400}
    assert len(stored(house)) == (answer.status_code == 200)


def test_body_over_a_megabyte_is_413(house: House) -> None:
    body = json.dumps({**event(), "padding": "x" * 1024 * 1024}).encode()

    assert house.post_webhook(body).status_code == 413
    assert stored(house) == []


def test_unknown_address_is_404(house: House) -> None:
    body = json.dumps(event()).encode()
    header = {"Stripe-Signature": sign(body, house.webhook_secret(), int(time.time()))}

    answer = house.app.test_client().post("/webhooks/stripe/nobody", data=body, headers=header)

    assert answer.status_code == 404


def test_connection_without_a_secret_is_404(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        session.get_one(Connection, house.connection("stripe").id).sealed = ""

    assert house.post_event(event()).status_code == 404


def test_slacks_and_hubspots_ids_are_no_addresses(house: House) -> None:
    client = house.app.test_client()

    answers = [
        client.post(f"/webhooks/stripe/{house.connection(provider).public_id}", data=b"{}")
        for provider in ("hubspot", "slack")
    ]

    assert [answer.status_code for answer in answers] == [404, 404]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"type": "customer.created"}, "customer.created"),
        ({"type": "invoice.unheard_of"}, "invoice.unheard_of"),
        ({"livemode": True}, "mode"),
        ({"livemode": None}, "mode"),
        ({"account": "acct_sandbox0002"}, "another account"),
        ({"data": {"object": {"id": "ch_1", "object": "charge"}}}, "not handled"),
        ({"data": {"object": None}}, "not handled"),
        ({"data": []}, "not handled"),
    ],
)
def test_foreign_event_is_kept_as_ignored(
    house: House, changes: dict[str, Any], reason: str
) -> None:
    answer = house.post_event(event(**changes))

    row = stored(house)[0]
    assert answer.status_code == 200
    assert row.status == "ignored"
    assert reason in row.last_error


def test_own_account_named_is_not_foreign(house: House) -> None:
    house.post_event(event(account=house.account.stripe))

    assert stored(house)[0].status == "pending"


def test_other_houses_secret_opens_no_door(house: House, other_house: House) -> None:
    answer = house.post_event(event(), secret=other_house.webhook_secret())

    assert answer.status_code == 400


def rotate(house: House) -> None:
    """A new endpoint secret is kept, as after connecting Stripe again."""
    with house.runtime.database.writing(house.tenant_id) as session:
        row = session.get_one(Connection, house.connection("stripe").id)
        secrets = open_secrets(house.runtime.sealer, row)
        store_secrets(house.runtime.sealer, row, {**secrets, "webhook_secret": SECRET})


def test_rotated_secret_is_read_again_at_once(house: House) -> None:
    assert house.post_event(event()).status_code == 200
    rotate(house)

    answer = house.post_event(event(id="evt_2"), secret=SECRET)

    assert answer.status_code == 200
    assert len(stored(house)) == 2


def test_old_secret_closes_with_the_next_failure(house: House) -> None:
    old = house.webhook_secret()
    house.post_event(event())
    rotate(house)
    house.post_event(event(id="evt_2"), secret=SECRET)

    assert house.post_event(event(id="evt_3"), secret=old).status_code == 400


def test_webhook_calls_no_vendor(house: House) -> None:
    house.post_event(event())

    assert house.sandbox.world.journal.entries() == []


# The database away: a server of the test's own, stopped and started on the same data.

Switch = Callable[[], None]


@pytest.fixture
def own_postgres() -> Iterator[tuple[PostgresServer, Switch, Switch]]:
    """A server, how to stop it, how to start it again."""
    programs = machine.postgres_programs()
    if programs is None:
        pytest.skip("no PostgreSQL on this machine")
    folder, user = Path(tempfile.mkdtemp(prefix="propale-own-pg-")), account()
    if user:
        shutil.chown(folder, user)
    postgres._make_cluster(programs, folder, user)
    server = PostgresServer(free_port(), folder)
    places = ("listen_addresses=127.0.0.1", f"unix_socket_directories={folder}", "fsync=off")
    options = [word for setting in places for word in ("-c", setting)]
    command = [
        str(programs / "postgres"), "-D", str(folder / "data"), "-p", str(server.port), *options
    ]  # fmt: skip
    stack = ExitStack()

    def start() -> None:
        stack.enter_context(running(command, server.ready, folder, user))

    start()
    try:
        yield server, stack.close, start
    finally:
        stack.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def guarded_house(
    request: pytest.FixtureRequest, own_postgres: tuple[PostgresServer, Switch, Switch]
) -> House:
    """A house on the server that will be stopped."""
    server, _, _ = own_postgres
    url = server.url(server.create())
    migrate(url)
    settings: Settings = request.getfixturevalue("house_settings")
    sandbox = request.getfixturevalue("sandbox")
    sandbox.world.clock.database_url = ""
    return install(sandbox, make_runtime(replace(settings, database_url=Secret(url))))


def test_database_down_is_503_and_back_by_itself(
    guarded_house: House, own_postgres: tuple[PostgresServer, Switch, Switch]
) -> None:
    house, (_, stop, start) = guarded_house, own_postgres
    address = house.connection("stripe").public_id
    body, secret = json.dumps(event()).encode(), house.webhook_secret()
    headers = {"Stripe-Signature": sign(body, secret, int(time.time()))}
    client = house.app.test_client()
    warm = client.post(f"/webhooks/stripe/{address}", data=body, headers=headers).status_code

    stop()
    began = time.perf_counter()
    down = client.post(f"/webhooks/stripe/{address}", data=body, headers=headers)
    took = time.perf_counter() - began
    start()
    back = client.post(f"/webhooks/stripe/{address}", data=body, headers=headers)

    assert (warm, down.status_code, back.status_code) == (200, 503, 200)
    assert down.get_json()["error"]["code"] == "database_away"
    assert took < 2


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
