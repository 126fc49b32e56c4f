"""Messages that need no work, through the whole cycle of claim, lease and finish, in one process.

Beside RQ's two workers with as empty a job, and the least SQL that leases rows.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg
from redis import Redis
from rq import Queue

from app.db import Database
from bench import queues
from bench.backlog import count, make_tenants, plant
from bench.figures import Figure, Goal, Report, median_ratio
from bench.handlers import NOTHING
from bench.servers import ROOT, BenchError, Stage, stage
from workers.drain import THREADS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROUNDS, TENANTS = 7, 20
LEAST_OF_FORKING, LEAST_OF_SIMPLE, LEAST_OF_BARE = 10.0, 1.5, 0.5
_BARE_ROWS = "INSERT INTO bare_leases (status) SELECT 'pending' FROM generate_series(1, %s)"


@dataclass
class Contender:
    """One worker process, how many messages it gets a round, and its rates."""

    name: str
    number: int
    fill: Callable[[int], None]
    process: subprocess.Popen[str]
    rates: list[float] = field(default_factory=list)

    def run(self) -> float:
        """Fill the queue, have it emptied, and return the messages a second."""
        self.fill(self.number)
        return self.number / emptied_in(self.process)


def emptied_in(process: subprocess.Popen[str]) -> float:
    """Have a process of `bench.queues` empty its queue; returns its seconds."""
    if process.stdin is None or process.stdout is None:
        raise BenchError("a worker was started without pipes")
    process.stdin.write("\n")
    process.stdin.flush()
    answer = process.stdout.readline()
    if not answer:
        raise BenchError(f"a worker ended: {process.args!r}")
    return float(answer)


@contextmanager
def worker(name: str, env: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A process of `bench.queues`, ended with the block."""
    words = [sys.executable, "-m", "bench.queues", name]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, cwd=ROOT, env=env, stdin=pipe, stdout=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.communicate()  # it ends with its input


def measure() -> Report:
    """Let all empty their queues in turns, and compare round by round."""
    with (
        stage() as here,
        psycopg.connect(here.database_url, autocommit=True) as database,
        worker("product", here.env) as product,
        worker("forking", here.env) as forking,
        worker("simple", here.env) as simple,
        worker("bare", here.env) as bare,
        worker("bare_each", here.env) as bare_each,
    ):
        messages, jobs, rows = _messages(here, database), _jobs(here), _rows(database)
        contenders = [
            Contender("product", 400, messages, product),
            Contender("forking", 24, jobs("Worker"), forking),
            Contender("simple", 150, jobs("SimpleWorker"), simple),
            Contender("bare", 1500, rows, bare),
            Contender("bare, each", 400, rows, bare_each),
        ]
        _alternate(contenders)
    return _report({contender.name: contender.rates for contender in contenders})


def _alternate(contenders: list[Contender]) -> None:
    for contender in contenders:
        contender.run()  # connections, caches: not measured
    for number in range(ROUNDS):
        for contender in contenders[:: 1 if number % 2 else -1]:
            contender.rates.append(contender.run())


def _messages(here: Stage, database: psycopg.Connection) -> Callable[[int], None]:
    product = Database(here.env["DATABASE_URL"])
    tenants = make_tenants(product, TENANTS)

    def fill(number: int) -> None:
        if left := count(product, NOTHING, "pending"):
            raise BenchError(f"{left} messages were not worked")
        plant(product, tenants, NOTHING, number)
        database.execute("VACUUM ANALYZE messages")

    return fill


def _jobs(here: Stage) -> Callable[[str], Callable[[int], None]]:
    redis = Redis.from_url(here.env["REDIS_URL"])

    def of(worker_class: str) -> Callable[[int], None]:
        queue = Queue(worker_class, connection=redis)

        def fill(number: int) -> None:
            if queue.count:
                raise BenchError(f"{queue.count} jobs were not worked")
            for _ in range(number):
                queue.enqueue(queues.nothing)

        return fill

    return of


def _rows(database: psycopg.Connection) -> Callable[[int], None]:
    database.execute(queues.TABLE.encode())
    database.execute(queues.INDEX.encode())

    def fill(number: int) -> None:
        database.execute(_BARE_ROWS.encode(), (number,))
        database.execute("VACUUM ANALYZE bare_leases")

    return fill


def _report(rates: dict[str, list[float]]) -> Report:
    goals = (
        ("forking", LEAST_OF_FORKING, "beside RQ's worker, a process for each job"),
        ("simple", LEAST_OF_SIMPLE, "beside RQ's SimpleWorker"),
        ("bare", LEAST_OF_BARE, "beside a lease loop, finished in the same batch"),
    )
    return Report(
        f"No-op messages, one worker process ({THREADS} threads, {TENANTS} tenants, "
        f"{ROUNDS} rounds)",
        [
            Goal(Figure(f"product / {name}", _ratio(rates, name), "x", meaning), least=least)
            for name, least, meaning in goals
        ],
        [
            Figure(
                "product / bare, each",
                _ratio(rates, "bare, each"),
                "x",
                "beside a lease loop that finishes each row in a commit of its own",
            ),
            *(
                Figure(name, statistics.median(found), "/s", "median of its rounds")
                for name, found in rates.items()
            ),
        ],
        [dict(zip(rates, values, strict=True)) for values in zip(*rates.values(), strict=True)],
    )


def _ratio(rates: dict[str, list[float]], other: str) -> float:
    return median_ratio(zip(rates["product"], rates[other], strict=True))
