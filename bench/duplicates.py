"""Duplicates: the same webhooks again, beside the time when they were new."""

from __future__ import annotations

import time

import psycopg
from redis import Redis

from app.bell import ring_queue
from bench.contenders import Contender, figures, start_product
from bench.events import signed_events
from bench.figures import Figure, Goal, Report, median_ratio
from bench.load import CONNECTIONS, Load
from bench.servers import stage

ROUNDS, REQUESTS = 15, 600
LEAST_OF_NEW, MOST_WRITES = 1.3, 0
SECONDS_TO_RING = 0.2
# A row that was added or changed carries a newer transaction.
_ROWS = "SELECT count(*), coalesce(max(xmin::text::bigint), 0) FROM messages"


def measure() -> Report:
    """Send new events, then the same again, and count what the second time wrote."""
    rounds: list[tuple[Load, Load]] = []
    writes = 0
    with stage() as here, psycopg.connect(here.database_url, autocommit=True) as database:
        product, redis = start_product(here), Redis.from_url(here.env["REDIS_URL"])
        product.send_new(signed_events(REQUESTS))  # connections, caches: not measured
        for _ in range(ROUNDS):
            events = signed_events(REQUESTS)
            new = product.send_new(events)
            again, written = _send_again(product, events, database, redis)
            rounds.append((new, again))
            writes += written
        product.check_rows(database)
    return _report(rounds, writes)


def _send_again(
    product: Contender,
    events: list[tuple[bytes, str]],
    database: psycopg.Connection,
    redis: Redis,
) -> tuple[Load, int]:
    """The load, and how many rows and rings it left behind."""
    _empty_queue(redis)  # two waiting rings would let no other in
    before = database.execute(_ROWS).fetchone()
    load = product.send(events)
    time.sleep(SECONDS_TO_RING)
    after = database.execute(_ROWS).fetchone()
    rows = (after != before) and max(1, after[0] - before[0]) if before and after else 1
    return load, rows + ring_queue(redis).count


def _empty_queue(redis: Redis) -> None:
    time.sleep(SECONDS_TO_RING)  # until the last ring of the new events has come
    redis.delete(ring_queue(redis).key)


def _report(rounds: list[tuple[Load, Load]], writes: int) -> Report:
    new, again = zip(*rounds, strict=True)
    ratio = median_ratio((a.per_second, n.per_second) for n, a in rounds)
    return Report(
        f"Duplicates ({CONNECTIONS} connections, {ROUNDS} rounds of {REQUESTS} events, each twice)",
        [
            Goal(
                Figure("again / new", ratio, "x", "events a second beside the same events, new"),
                least=LEAST_OF_NEW,
            ),
            Goal(
                Figure("writes", writes, "", "rows and rings that the second time left behind"),
                most=MOST_WRITES,
            ),
        ],
        [*figures("new", new), *figures("again", again)],
        [{"new": n.per_second, "again": a.per_second} for n, a in rounds],
    )
