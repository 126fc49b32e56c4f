"""`python -m bench.queues NAME`: one worker process, which empties its queue at each line it reads.

It answers with the seconds that took. One name is the product's own worker; the others are what it
is measured against.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
from redis import Redis
from rq import Queue, SimpleWorker, Worker
from rq.worker import BaseWorker

from app.runtime import Runtime
from app.settings import Settings
from bench.handlers import HANDLERS, call
from workers.drain import THREADS, Drain

TABLE = """CREATE TABLE bare_leases (
    id bigserial PRIMARY KEY, status text NOT NULL DEFAULT 'pending',
    due timestamptz NOT NULL DEFAULT now(), leased_until timestamptz)"""
INDEX = "CREATE INDEX ON bare_leases (due) WHERE status = 'pending'"
_LEASE = """UPDATE bare_leases SET status = 'leased', leased_until = now() + interval '15 s'
    WHERE id IN (
        SELECT id FROM bare_leases WHERE status = 'pending' AND due <= now()
        ORDER BY due, id LIMIT %s FOR UPDATE SKIP LOCKED
    ) RETURNING id"""
_FINISH = "UPDATE bare_leases SET status = 'done' WHERE id = ANY(%s)"
CALLS = 240
Emptying = Callable[[], None]


def nothing() -> None:
    """RQ's job."""


def product() -> Emptying:
    """The drain that answers rings, with the handlers of the bench."""
    drain = Drain(Runtime.start(Settings.from_env()), HANDLERS)
    return lambda: _run(drain)


def calling() -> Emptying:
    """As many threads as the drain has, which call the vendor and keep no messages."""
    pool = ThreadPoolExecutor(THREADS)

    def empty() -> None:
        for done in [pool.submit(call) for _ in range(CALLS)]:
            done.result()

    return empty


def forking() -> Emptying:
    """RQ's default worker: a process for each job."""
    return _rq(Worker)


def simple() -> Emptying:
    """RQ's worker without forks."""
    return _rq(SimpleWorker)


def bare() -> Emptying:
    """The least that leases rows: as many at once as the drain has threads, finished together."""
    connection = psycopg.connect(_database_url(), autocommit=True)

    def empty() -> None:
        while ids := [row[0] for row in connection.execute(_LEASE, (THREADS,)).fetchall()]:
            connection.execute(_FINISH, (ids,))

    return empty


def bare_each() -> Emptying:
    """The same, but each row finished in a commit of its own."""
    connection = psycopg.connect(_database_url(), autocommit=True)

    def empty() -> None:
        while ids := [row[0] for row in connection.execute(_LEASE, (THREADS,)).fetchall()]:
            for one in ids:
                connection.execute(_FINISH, ([one],))

    return empty


WORKERS: dict[str, Callable[[], Emptying]] = {
    "product": product,
    "calling": calling,
    "forking": forking,
    "simple": simple,
    "bare": bare,
    "bare_each": bare_each,
}


def _run(drain: Drain) -> None:
    drain.run(600)


def _rq(worker: type[BaseWorker]) -> Emptying:
    connection = Redis.from_url(os.environ["REDIS_URL"])
    queue = Queue(worker.__name__, connection=connection)

    def empty() -> None:
        worker([queue], connection=connection).work(burst=True, logging_level="WARNING")

    return empty


def _database_url() -> str:
    return os.environ["DATABASE_URL"].replace("+psycopg", "", 1)


def main(name: str) -> None:
    empty = WORKERS[name]()
    for _ in sys.stdin:
        began = time.perf_counter()
        empty()
        print(time.perf_counter() - began, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
