"""Reconciliation over ten thousand objects in step, beside a bare loop over the same lists."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import psycopg
import requests
from sqlalchemy import select

from app.accounts.refresh import hubspot_token
from app.db import EVERY_TENANT
from app.models import Deal, Tenant
from app.providers.hubspot.properties import PROPERTIES
from app.reconcile.tenant import reconcile_tenant
from app.runtime import Runtime
from app.settings import Settings
from bench import twins
from bench.figures import Figure, Goal, Report, median_ratio
from bench.people import accept, send_proposals
from bench.servers import BenchError, Stage, stage
from sandbox import demo_processes

if TYPE_CHECKING:
    from collections.abc import Callable

EACH = 2_500  # customers, subscriptions, invoices and deals
ROUNDS = 3
MOST_SLOWED, OBJECTS_PER_CALL = 2.0, 100
STRIPE_KEY = "rk_test_sandbox0001"
SECONDS_TO_PAY = 30
LISTS: dict[str, dict[str, str]] = {
    "events": {"delivery_success": "false"},
    "customers": {},
    "subscriptions": {"status": "all"},
    "invoices": {},
    "checkout/sessions": {"status": "complete"},
}
_PAID = "SELECT count(*) FROM purchases WHERE status = 'paid'"
_PAGE = "SELECT stripe_page_url FROM purchases WHERE stripe_page_url <> ''"
_ROWS = "SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {} t"
_TABLES = ("messages", "deals", "purchases", "paid_invoices", "steps", "stripe_mirrors", "tenants")


def measure() -> Report:
    """Make one purchase as people do, as many twins of it on both sides, and compare them all."""
    with stage() as here, psycopg.connect(here.database_url, autocommit=True) as database:
        _buy_once(here, database)
        twins.make(here, database, EACH)
        runtime = Runtime.start(Settings.from_env(here.env))
        rows = _fingerprint(database)
        _reconcile(runtime)  # connections, caches: not measured
        before = _calls(here)
        pairs = [_pair(runtime, here, number) for number in range(ROUNDS)]
        calls = _calls(here) - before
        changed = sum(a != b for a, b in zip(rows, _fingerprint(database), strict=True))
    return _report(pairs, calls, changed)


def _buy_once(here: Stage, database: psycopg.Connection) -> None:
    demo_processes.start_sandbox(here.processes)
    demo_processes.start_web(here.processes, here.env)
    demo_processes.start_worker(here.processes)
    demo_processes.wait_for_sandbox(here.processes, here.env)
    demo_processes.wait_for_web(here.processes, here.env)
    demo_processes.install(here.processes)
    accept(send_proposals(here.env, 1)[0])
    page = _wait_for(database, _PAGE)
    requests.post(str(page), data={"choice": "card_ok"}, timeout=30, allow_redirects=False)
    _wait_for(database, _PAID)
    time.sleep(2)  # mails, Slack and the deal, which are compared too


def _wait_for(database: psycopg.Connection, question: str) -> object:
    deadline = time.monotonic() + SECONDS_TO_PAY
    while time.monotonic() < deadline:
        row = database.execute(question.encode()).fetchone()
        if row and row[0]:
            return row[0]
        time.sleep(0.1)
    raise BenchError(f"nothing came of the purchase in {SECONDS_TO_PAY} s: {question}")


def _pair(runtime: Runtime, here: Stage, number: int) -> tuple[float, float]:
    """Seconds of ours and of the bare loop, each first in turns."""
    ours, bare = (lambda: _reconcile(runtime)), (lambda: _page_through(runtime, here))
    if number % 2:
        second = _seconds(bare)
        return _seconds(ours), second
    return _seconds(ours), _seconds(bare)


def _seconds(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _reconcile(runtime: Runtime) -> None:
    for finding in reconcile_tenant(runtime, _tenant(runtime).id, repair=True):
        raise BenchError(f"the books are not in step: {finding.difference.said('en')}")


def _tenant(runtime: Runtime) -> Tenant:
    with runtime.database.reading(EVERY_TENANT) as session:
        return session.scalars(select(Tenant)).one()


def _page_through(runtime: Runtime, here: Stage) -> None:
    """The same lists and batches, read with a kept connection and thrown away."""
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {STRIPE_KEY}"
        base = here.env["STRIPE_API_BASE"]
        for name, params in LISTS.items():
            _pages(session, f"{base}/v1/{name}", {**params, "created[gte]": "1"})
        tenant = _tenant(runtime)
        session.headers["Authorization"] = f"Bearer {hubspot_token(runtime, tenant.id)}"
        _batches(session, runtime, here)


def _pages(session: requests.Session, url: str, params: dict[str, str]) -> None:
    asked = {**params, "limit": str(OBJECTS_PER_CALL)}
    while True:
        page = _read(session.get(url, params=asked, timeout=30))
        if not page["has_more"]:
            return
        asked["starting_after"] = page["data"][-1]["id"]


def _batches(session: requests.Session, runtime: Runtime, here: Stage) -> None:
    with runtime.database.reading(EVERY_TENANT) as reading:
        ids = reading.scalars(select(Deal.hubspot_deal_id).order_by(Deal.id)).all()
    url = f"{here.env['HUBSPOT_API_BASE']}/crm/objects/2026-09/deals/batch/read"
    names = [str(each["name"]) for each in PROPERTIES]
    for start in range(0, len(ids), OBJECTS_PER_CALL):
        inputs = [{"id": one} for one in ids[start : start + OBJECTS_PER_CALL]]
        _read(session.post(url, json={"properties": names, "inputs": inputs}, timeout=30))


def _read(answer: requests.Response) -> dict[str, Any]:
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def _fingerprint(database: psycopg.Connection) -> list[object]:
    asked = (_ROWS.format(table).encode() for table in _TABLES)
    return [row[0] for question in asked for row in database.execute(question).fetchall()]


def _calls(here: Stage) -> int:
    """Arrivals at Stripe and HubSpot so far."""
    journal = here.env["HUBSPOT_API_BASE"].replace("/hubspot", "/control/journal")
    counts = requests.get(journal, timeout=30).json()["counts"]
    return sum(one["count"] for one in counts if one["vendor"] in ("stripe", "hubspot"))


def _report(pairs: list[tuple[float, float]], calls: int, changed: int) -> Report:
    # Both loops make the same calls, in each round once.
    per_hundred = calls / (2 * ROUNDS) / (4 * EACH / OBJECTS_PER_CALL)
    few = "list calls for 100 objects (four lists and the events begin with one each)"
    ours = sum(one for one, _ in pairs) / ROUNDS
    return Report(
        f"Reconciliation ({4 * EACH} objects in step, {ROUNDS} rounds, PostgreSQL)",
        [
            Goal(
                Figure("reconcile / bare loop", median_ratio(pairs), "x", "the same lists"),
                most=MOST_SLOWED,
            ),
            Goal(Figure("list calls", per_hundred, "", few), most=1 + 6 / (4 * EACH / 100)),
            Goal(Figure("tables changed", changed, "", "of ours, after every run"), most=0),
        ],
        [Figure("objects a second", 4 * EACH / ours, "/s", "read and compared")],
        [{"reconcile": mine, "bare": theirs} for mine, theirs in pairs],
    )
