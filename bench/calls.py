"""Messages that wait for a vendor: how near eight threads come to eight calls at a time."""

from __future__ import annotations

import statistics

from app.db import Database
from bench import stub
from bench.backlog import count, make_tenants, plant
from bench.figures import Figure, Goal, Report
from bench.handlers import CALL_MS, CALLING, STUB
from bench.lease_cycle import emptied_in, worker
from bench.servers import BenchError, stage
from workers.drain import THREADS

ROUNDS, NUMBER, TENANTS = 5, 240, 10
BEST = THREADS / (CALL_MS / 1000)
LEAST = 0.9


def measure() -> Report:
    """Let the worker empty its queue, each message one call, and compare with the best there is."""
    rates = []
    with stage() as here:
        here.env[STUB] = stub.start(here)
        database = Database(here.env["DATABASE_URL"])
        tenants = make_tenants(database, TENANTS)
        with worker("product", here.env) as product:
            for number in range(ROUNDS + 1):
                plant(database, tenants, CALLING, NUMBER)
                seconds = emptied_in(product)
                if left := count(database, CALLING, "pending"):
                    raise BenchError(f"{left} messages were not worked")
                rates += [NUMBER / seconds] if number else []  # the first is not measured
    return _report(rates)


def _report(rates: list[float]) -> Report:
    rate = statistics.median(rates)
    reached = Figure("reached / best", rate / BEST, "x", f"messages a second beside {BEST:g}/s")
    return Report(
        f"Messages with a call of {CALL_MS} ms ({THREADS} threads, {TENANTS} tenants, "
        f"{ROUNDS} rounds of {NUMBER})",
        [Goal(reached, least=LEAST)],
        [Figure("messages", rate, "/s", "median of its rounds")],
        [{"messages": found} for found in rates],
    )
