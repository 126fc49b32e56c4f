"""An application under load: where it listens, what it is sent, where its rows are counted."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.accounts.connections import begin_connection, store_secrets
from app.clock import wall_now
from app.db import EVERY_TENANT
from app.models import Tenant
from app.runtime import Runtime
from app.settings import Settings
from bench.events import SECRET
from bench.figures import Figure, percentile
from bench.load import Load, post, send_all
from bench.servers import BenchError, Stage

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

ACCOUNT = "acct_bench"
KEPT = "SELECT count(*) FROM messages WHERE kind = 'inbox.stripe' AND status = 'pending'"


@dataclass
class Contender:
    """One application under load; `sent` counts the events that were new to it."""

    stage: Stage
    name: str
    port: int
    path: str
    count: str
    sent: int = 0

    def send_new(self, events: Sequence[tuple[bytes, str]]) -> Load:
        """Send events it has never seen."""
        load = self.send(events)
        self.sent += len(events)
        return load

    def send(self, events: Sequence[tuple[bytes, str]]) -> Load:
        """Send events with their signatures; one that is refused ends the measurement."""
        requests = [
            post(self.port, self.path, [("Stripe-Signature", signature)], body)
            for body, signature in events
        ]
        before = self.stage.worked(self.name, "postgres", "valkey")
        load = send_all(self.port, requests)
        load.worked = self.stage.worked(self.name, "postgres", "valkey") - before
        if load.bad or len(load.good) != len(events):
            raise BenchError(f"{self.name}: {load.bad} of {len(events)} events were refused")
        return load

    def check_rows(self, database: psycopg.Connection) -> None:
        """Rows in = 2xx out."""
        row = database.execute(self.count.encode()).fetchone()
        rows = row[0] if row else 0
        if rows != self.sent:
            raise BenchError(f"{self.name}: {self.sent} events were answered 2xx, {rows} are kept")


def start_product(here: Stage) -> Contender:
    """The product's web processes, with a tenant whose Stripe events they take."""
    path = _open_door(here)
    port = here.serve("product", "app.wsgi:application")
    return Contender(here, "product", port, path, KEPT)


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


def figures(name: str, loads: Sequence[Load]) -> list[Figure]:
    """Rate, work and times to answer over all rounds of one contender or of one state of it."""
    rate = statistics.median(load.per_second for load in loads)
    share = statistics.median(load.client_share for load in loads)
    answers = [1000 * seconds for load in loads for seconds in load.good]
    work = 1000 * statistics.median(load.worked / len(load.good) for load in loads)
    return [
        Figure(f"{name}: events", rate, "/s", "median of its rounds"),
        Figure(f"{name}: work", work, "ms", "processor time an event, with database and Redis"),
        Figure(f"{name}: p50", percentile(answers, 50), "ms", "time to answer, all rounds"),
        Figure(f"{name}: p99", percentile(answers, 99), "ms", "time to answer, all rounds"),
        Figure(f"{name}: client", 100 * share, "%", "of one processor, taken by the load client"),
    ]
