"""Webhook ingest: the product beside a bare app and a naive one, in interleaved rounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg

from bench.baselines import TABLES
from bench.contenders import Contender, figures, start_product
from bench.events import signed_events
from bench.figures import Figure, Goal, Report, median_ratio
from bench.load import CONNECTIONS, Load
from bench.servers import Stage, stage

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUNDS = 21
REQUESTS, OF_NAIVE = 600, 150  # the slow one would take most of the time
LEAST_OF_BARE, LEAST_OF_NAIVE = 0.75, 2.0


@dataclass
class Entry:
    """One contender, how many events it is sent a round, and how its rounds went."""

    contender: Contender
    requests: int = REQUESTS
    loads: list[Load] = field(default_factory=list)

    def run(self) -> Load:
        return self.contender.send_new(signed_events(self.requests))


def measure() -> Report:
    """Run bare, naive, product, again and again, and compare round by round."""
    with stage() as here, psycopg.connect(here.database_url, autocommit=True) as database:
        entries = _start(here, database)
        for entry in entries:
            entry.run()  # connections, caches, statements: not measured
        for number in range(ROUNDS):
            # Every other round backwards, so that nobody always follows the same one.
            for entry in entries[:: 1 if number % 2 else -1]:
                entry.loads.append(entry.run())
        for entry in entries:
            entry.contender.check_rows(database)
    return _report(*(entry.loads for entry in entries))


def _start(here: Stage, database: psycopg.Connection) -> list[Entry]:
    for table in TABLES:
        database.execute(table.encode())
    bare = here.serve("bare", "bench.baselines:bare()")
    naive = here.serve("naive", "bench.baselines:naive()")
    counts = "SELECT count(*) FROM bare_events", "SELECT count(*) FROM naive_events"
    return [
        Entry(Contender(here, "bare", bare, "/webhook", counts[0])),
        Entry(Contender(here, "naive", naive, "/webhook", counts[1]), OF_NAIVE),
        Entry(start_product(here)),
    ]


def _report(bare: Sequence[Load], naive: Sequence[Load], product: Sequence[Load]) -> Report:
    rounds = list(zip(bare, naive, product, strict=True))
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
        [*figures("bare", bare), *figures("naive", naive), *figures("product", product)],
        [
            {"bare": b.per_second, "naive": n.per_second, "product": p.per_second}
            for b, n, p in rounds
        ],
    )
