"""What all vendors share: a store that lasts, two clocks, faults, the journal of arrivals."""

from __future__ import annotations

import socket
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any

import pytest
import requests
from sqlalchemy import create_engine, text

from sandbox.clock import Clock, ClockError
from sandbox.control.page import step_of
from sandbox.demo import hidden_fields
from sandbox.faults import Faults
from sandbox.server import serve
from sandbox.settings import Settings, on_free_ports
from sandbox.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.server import Server


def test_store_remembers_rows_order_and_numbers(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.db")
    table = store.table("stripe", "acct", "customers")
    table["b"] = {"n": 1}
    table["a"] = {"n": 2}
    table["b"] = {"n": 3}
    store.number("x")
    store.close()

    again = Store(tmp_path / "s.db")

    rows = again.table("stripe", "acct", "customers")
    assert list(rows.items()) == [("b", {"n": 3}), ("a", {"n": 2})]
    assert again.number("x") == 2


def test_cleared_store_forgets_on_disk_too(tmp_path: Path) -> None:
    store = Store(tmp_path / "s.db")
    store.table("a")["x"] = {}
    store.clear()
    store.close()

    assert list(Store(tmp_path / "s.db").table("a")) == []


def test_restarted_sandbox_keeps_what_it_had(tmp_path: Path) -> None:
    settings = on_free_ports(tmp_path)
    first = serve(settings)
    first.world.store.table("marks")["m"] = {"kept": True}
    first.world.clock.advance(timedelta(days=3))
    first.close()

    second = serve(settings)

    try:
        mark = requests.get(f"{second.url}/control/marks/m", timeout=5)
        assert mark.json() == {"kept": True}
        assert second.world.clock.offset == timedelta(days=3)
    finally:
        second.close()


def test_advance_moves_the_products_row_too(database_url: str) -> None:
    clock = Clock(Store(None), database_url)

    clock.advance(timedelta(days=1))
    clock.advance(timedelta(hours=2))

    engine = create_engine(database_url)
    with engine.connect() as product:
        rows = product.execute(text("SELECT id, offset_seconds FROM business_clock")).all()
    engine.dispose()
    assert rows == [(1, 93600)]


def test_failed_move_moves_neither_side(tmp_path: Path) -> None:
    clock = Clock(Store(None), f"sqlite:///{tmp_path / 'absent.db'}")

    with pytest.raises(ClockError):
        clock.advance(timedelta(days=1))

    assert clock.offset == timedelta(0)


def test_hooks_see_the_moved_time() -> None:
    clock, seen = Clock(Store(None), ""), []
    clock.on_move(lambda: seen.append(clock.now()))

    clock.advance(timedelta(days=31))

    assert seen[0] - clock.wall() > timedelta(days=30)


@pytest.mark.parametrize(
    ("day", "after"),
    [((2026, 1, 31), (2026, 2, 28)), ((2026, 12, 5), (2027, 1, 5)), ((2028, 1, 30), (2028, 2, 29))],
)
def test_month_button_is_a_calendar_month(
    day: tuple[int, int, int], after: tuple[int, int, int]
) -> None:
    now = datetime(*day, 10, 30, tzinfo=UTC)

    assert now + step_of("month", now) == datetime(*after, 10, 30, tzinfo=UTC)


def test_fault_skips_then_acts_then_ends() -> None:
    faults = Faults()
    faults.arm(vendor="stripe", method="POST", path="/v1/*", status=500, skip=1, times=2)

    met = [faults.take("stripe", "POST", "/v1/customers") is not None for _ in range(4)]

    assert met == [False, True, True, False]
    assert faults.take("stripe", "GET", "/v1/customers") is None


@pytest.mark.parametrize(
    "wanted",
    [{}, {"vendor": "paypal", "status": 500}, {"vendor": "slack"}, {"vendor": "slack", "x": 1}],
)
def test_misunderstood_fault_is_refused(sandbox: Server, wanted: dict[str, Any]) -> None:
    answer = requests.post(f"{sandbox.url}/control/faults", json=wanted, timeout=5)

    assert answer.status_code == 400


def test_armed_faults_are_listed_and_taken_back(sandbox: Server) -> None:
    base = f"{sandbox.url}/control/faults"
    requests.post(base, json={"vendor": "slack", "status": 500}, timeout=5)
    assert len(requests.get(base, timeout=5).json()["faults"]) == 1

    requests.delete(base, timeout=5)

    assert requests.get(base, timeout=5).json() == {"faults": []}


def test_faulty_answer_looks_like_the_vendors(sandbox: Server) -> None:
    bodies = {}
    for vendor in ("hubspot", "stripe", "slack"):
        sandbox.world.faults.arm(vendor=vendor, status=500)
        bodies[vendor] = requests.get(f"{sandbox.url}/{vendor}/x", timeout=5).json()

    assert bodies["hubspot"]["correlationId"]
    assert bodies["stripe"]["error"]["type"] == "api_error"
    assert bodies["slack"]["ok"] is False


@pytest.mark.parametrize("cut", ["before", "after"])
def test_cut_connection_gives_no_answer(sandbox: Server, cut: str) -> None:
    sandbox.world.faults.arm(vendor="slack", cut=cut)

    with pytest.raises(requests.ConnectionError):
        requests.post(f"{sandbox.url}/slack/api/auth.test", timeout=5)

    entry = sandbox.world.journal.entries("slack")[0]
    assert entry["status"] == (None if cut == "before" else 200)


def test_garbled_answer_comes_after_the_work(sandbox: Server) -> None:
    sandbox.world.faults.arm(vendor="hubspot", garbled=True)

    answer = requests.get(f"{sandbox.url}/hubspot/nowhere", timeout=5)

    assert answer.content == b"<html>\xff"
    assert answer.status_code == sandbox.world.journal.entries("hubspot")[0]["status"] == 404


def test_journal_counts_and_hides_secrets(sandbox: Server) -> None:
    for _ in range(2):
        requests.post(
            f"{sandbox.url}/hubspot/oauth/2026-09/token",
            data={"grant_type": "refresh_token", "refresh_token": "very-secret"},
            headers={"Authorization": "Bearer very-secret"},
            timeout=5,
        )

    journal = requests.get(f"{sandbox.url}/control/journal?vendor=hubspot", timeout=5).json()

    assert "very-secret" not in str(journal["entries"])
    assert journal["counts"][0]["count"] == 2


def test_one_connection_serves_many_requests(sandbox: Server) -> None:
    host, port = sandbox.world.settings.http_address
    connection = HTTPConnection(host, port, timeout=5)
    sockets = set()

    for _ in range(3):
        connection.request("POST", "/slack/api/auth.test", body="token=x")
        connection.getresponse().read()
        sockets.add(connection.sock)

    assert len(sockets) == 1
    connection.close()


def test_request_whose_sender_died_is_not_worked(sandbox: Server) -> None:
    connection = HTTPConnection(sandbox.url.removeprefix("http://"), timeout=5)
    connection.putrequest("POST", "/stripe/v1/customers")
    connection.putheader("Authorization", "Bearer rk_test_sandbox0001")
    connection.putheader("Content-Length", "11")
    connection.endheaders(b"name=")

    connection.sock.shutdown(socket.SHUT_WR)

    assert connection.sock.recv(100) == b""
    assert sandbox.world.journal.count("stripe", "POST") == 0
    assert list(sandbox.world.store.table("stripe", "acct_sandbox0001", "customer")) == []


def test_closed_sandbox_drops_its_connections(tmp_path: Path) -> None:
    server = serve(on_free_ports(tmp_path))
    with requests.Session() as session:
        session.get(f"{server.url}/control/faults", timeout=5)
        server.close()

        with pytest.raises(requests.ConnectionError):
            session.get(f"{server.url}/control/faults", timeout=5)


def test_every_missing_variable_is_named() -> None:
    with pytest.raises(ValueError, match=r"DATA_DIR.*SMTP_URL"):
        Settings.from_env({"PUBLIC_URL": "http://127.0.0.1"})


def test_demo_reads_hidden_fields_of_a_form() -> None:
    page = '<input name="csrf_token" type="hidden" value="a&amp;b"><input name="key" value="x">'

    assert hidden_fields(page) == {"csrf_token": "a&b"}
