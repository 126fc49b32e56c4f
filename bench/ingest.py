"""Webhook ingest: the product beside a bare app and a naive one, in interleaved rounds."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field

import psycopg

from app.accounts.connections import begin_connection, store_secrets
from app.clock import wall_now
from app.db import EVERY_TENANT
from app.models import Tenant
from app.runtime import Runtime
from app.settings import Settings
from bench.baselines import TABLES
from bench.events import SECRET, signed_events
from bench.figures import Figure, Goal, Report, median_ratio, percentile
from bench.load import CONNECTIONS, Load, post, send_all
from bench.servers import BenchError, Stage, stage

ROUNDS = 21
REQUESTS, OF_NAIVE = 600, 150  # the slow one would take most of the time
LEAST_OF_BARE, LEAST_OF_NAIVE = 0.75, 2.0
ACCOUNT = "acct_bench"


@dataclass
class Contender:
    """One application under the same load: where it listens, where its rows are counted."""

    stage: Stage
    name: str
    port: int
    path: str
    count: str
    requests: int = REQUESTS
    loads: list[Load] = field(default_factory=list)
    sent: int = 0

    def run(self) -> Load:
        """Send new events only; one that is refused ends it all."""
        number = self.requests
        events = signed_events(number)
        requests = [
            post(self.port, self.path, [("Stripe-Signature", signature)], body)
            for body, signature in events
        ]
        before = self.stage.worked(self.name, "postgres", "valkey")
        load = send_all(self.port, requests)
        load.worked = self.stage.worked(self.name, "postgres", "valkey") - before
        if load.bad or len(load.good) != number:
            raise BenchError(f"{self.name}: {load.bad} of {number} events were refused")
        self.sent += number
        return load

    def check_rows(self, database: psycopg.Connection) -> None:
        """Rows in = 2xx out."""
        row = database.execute(self.count.encode()).fetchone()
        rows = row[0] if row else 0
        if rows != self.sent:
            raise BenchError(f"{self.name}: {self.sent} events were answered 2xx, {rows} are kept")


def measure() -> Report:
    """Run bare, naive, product, again and again, and compare round by round."""
    with stage() as here, psycopg.connect(here.database_url, autocommit=True) as database:
        contenders = _start(here, database)
        for contender in contenders:
            contender.run()  # connections, caches, statements: not measured
        for number in range(ROUNDS):
            # Every other round backwards, so that nobody always follows the same one.
            for contender in contenders[:: 1 if number % 2 else -1]:
                contender.loads.append(contender.run())
        for contender in contenders:
            contender.check_rows(database)
    return _report(*contenders)


def _start(here: Stage, database: psycopg.Connection) -> list[Contender]:
    for table in TABLES:
        database.execute(table.encode())
    path = _open_door(here)
    kept = "SELECT count(*) FROM messages WHERE kind = 'inbox.stripe' AND status = 'pending'"
    bare = here.serve("bare", "bench.baselines:bare()")
    naive = here.serve("naive", "bench.baselines:naive()")
    product = here.serve("product", "app.wsgi:application")
    return [
        Contender(here, "bare", bare, "/webhook", "SELECT count(*) FROM bare_events"),
        Contender(here, "naive", naive, "/webhook", "SELECT count(*) FROM naive_events", OF_NAIVE),
        Contender(here, "product", product, path, kept),
    ]


def _open_door(here: Stage) -> str:
    """A tenant whose Stripe connection knows the secret; returns the path of its webhooks."""
    runtime = Runtime.start(Settings.from_env(here.env))
    with runtime.database.writing(EVERY_TENANT) as session:
        tenant = Tenant(hub_id=1, installed_at=wall_now())
        session.add(tenant)
        session.flush()
        tenant_id = tenant.id
    with runtime.database.writing(tenant_id) as session:
        connection = begin_connection(session, "stripe")
        store_secrets(runtime.sealer, connection, {"webhook_secret": SECRET})
        connection.account_id, connection.livemode = ACCOUNT, False
        path = f"/webhooks/stripe/{connection.public_id}"
    runtime.database.engine.dispose()
    return path


def _report(bare: Contender, naive: Contender, product: Contender) -> Report:
    rounds = list(zip(bare.loads, naive.loads, product.loads, strict=True))
    of_bare = median_ratio((p.per_second, b.per_second) for b, _, p in rounds)
    of_naive = median_ratio((p.per_second, n.per_second) for _, n, p in rounds)
    setting = f"{CONNECTIONS} connections, {ROUNDS} rounds of {REQUESTS} events of 8 kB"
    return Report(
        f"Webhook ingest ({setting}; every 2xx has its row)",
        [
            Goal(
                Figure("product / bare", of_bare, "x", "events a second beside HMAC + raw insert"),
                least=LEAST_OF_BARE,
            ),
            Goal(
                Figure("product / naive", of_naive, "x", "beside SDK objects + ORM + enqueue"),
                least=LEAST_OF_NAIVE,
            ),
        ],
        [figure for contender in (bare, naive, product) for figure in _figures(contender)],
        [
            {"bare": b.per_second, "naive": n.per_second, "product": p.per_second}
            for b, n, p in rounds
        ],
    )


def _figures(contender: Contender) -> list[Figure]:
    rate = statistics.median(load.per_second for load in contender.loads)
    share = statistics.median(load.client_share for load in contender.loads)
    answers = [1000 * seconds for load in contender.loads for seconds in load.good]
    work = 1000 * statistics.median(load.worked / len(load.good) for load in contender.loads)
    name = contender.name
    return [
        Figure(f"{name}: events", rate, "/s", "median of its rounds"),
        Figure(f"{name}: work", work, "ms", "processor time an event, with database and Redis"),
        Figure(f"{name}: p50", percentile(answers, 50), "ms", "time to answer, all rounds"),
        Figure(f"{name}: p99", percentile(answers, 99), "ms", "time to answer, all rounds"),
        Figure(f"{name}: client", 100 * share, "%", "of one processor, taken by the load client"),
    ]
