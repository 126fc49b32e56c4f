"""Messages that wait for a vendor: how near eight threads come to eight calls at a time."""

from __future__ import annotations

import statistics

from app.db import Database
from bench import stub
from bench.backlog import count, make_tenants, plant
from bench.figures import Figure, Goal, Report, median_ratio
from bench.handlers import CALL_MS, CALLING, STUB
from bench.lease_cycle import emptied_in, worker
from bench.queues import CALLS
from bench.servers import BenchError, stage
from workers.drain import THREADS

ROUNDS, TENANTS = 5, 10
BEST = THREADS / (CALL_MS / 1000)
LEAST = 0.9


def measure() -> Report:
    """Empty the queue, each message one call, in turns with threads that only call."""
    rounds: list[dict[str, float]] = []
    with stage() as here:
        here.env[STUB] = stub.start(here)
        database = Database(here.env["DATABASE_URL"])
        tenants = make_tenants(database, TENANTS)
        with worker("product", here.env) as product, worker("calling", here.env) as calling:
            for _ in range(ROUNDS + 1):
                plant(database, tenants, CALLING, CALLS)
                rates = {"messages": CALLS / emptied_in(product)}
                rates["bare threads"] = CALLS / emptied_in(calling)
                rounds.append(rates)
                if left := count(database, CALLING, "pending"):
                    raise BenchError(f"{left} messages were not worked")
    return _report(rounds[1:])  # connections, caches: not measured


def _report(rounds: list[dict[str, float]]) -> Report:
    rate, bare = (statistics.median(r[name] for r in rounds) for name in rounds[0])
    beside = median_ratio((r["messages"], r["bare threads"]) for r in rounds)
    reached = Figure("messages / best", rate / BEST, "x", f"messages a second beside {BEST:g}/s")
    return Report(
        f"Messages with a call of {CALL_MS} ms ({THREADS} threads, {TENANTS} tenants, "
        f"{ROUNDS} rounds of {CALLS})",
        [Goal(reached, least=LEAST)],
        [
            Figure("messages / bare threads", beside, "x", "beside threads that only call"),
            Figure("messages", rate, "/s", "median of its rounds"),
            Figure("bare threads", bare, "/s", "median of its rounds"),
        ],
        rounds,
    )
