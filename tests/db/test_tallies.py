"""What processes count is added up in one table, and nothing is lost or added twice."""

from __future__ import annotations

import subprocess
import sys

import pytest
from prometheus_client import CollectorRegistry, Counter, Histogram
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.db import EVERY_TENANT, Database
from app.metrics.tallies import Tallies
from app.models import Tally
from tests.support.environ import CLOSED


class Process:
    """One of several: with counters of its own."""

    def __init__(self, database: Database) -> None:
        registry = CollectorRegistry()
        self.calls = Counter("t_calls", "calls", ("provider",), registry=registry)
        self.seconds = Histogram("t_seconds", "seconds", buckets=(1, 5), registry=registry)
        self.tallies = Tallies(database, registry)


def stored(database: Database) -> dict[tuple[str, str], float]:
    with database.reading(EVERY_TENANT) as session:
        return {(row.name, row.labels): row.value for row in session.scalars(select(Tally))}


def test_counts_of_all_processes_are_added(database: Database) -> None:
    first, second = Process(database), Process(database)
    first.calls.labels("stripe").inc(2)
    second.calls.labels("stripe").inc()
    second.calls.labels("slack").inc()
    second.seconds.observe(3)

    first.tallies.store()
    second.tallies.store()

    assert stored(database) == {
        ("t_calls_total", '{"provider": "slack"}'): 1,
        ("t_calls_total", '{"provider": "stripe"}'): 3,
        ("t_seconds_bucket", '{"le": "+Inf"}'): 1,
        ("t_seconds_bucket", '{"le": "5.0"}'): 1,
        ("t_seconds_count", "{}"): 1,
        ("t_seconds_sum", "{}"): 3,
    }


def test_only_what_is_new_is_added(database: Database) -> None:
    process = Process(database)

    for _ in range(3):
        process.calls.labels("stripe").inc()
        process.tallies.store()
        process.tallies.store()

    assert stored(database)["t_calls_total", '{"provider": "stripe"}'] == 3


def test_what_could_not_be_stored_comes_the_next_time(database: Database) -> None:
    process = Process(Database(CLOSED["DATABASE_URL"]))
    process.calls.labels("stripe").inc()
    with pytest.raises(DBAPIError):
        process.tallies.store()

    process.tallies._database = database
    process.tallies.store()

    assert stored(database)["t_calls_total", '{"provider": "stripe"}'] == 1


ENDING = """
import sys
from app.db import Database
from app.metrics.counts import sweeps
from app.metrics.tallies import Tallies

Tallies(Database(sys.argv[1])).start()
sweeps.inc()
"""


def test_what_a_process_counted_last_is_stored_as_it_ends(database: Database) -> None:
    url = database.engine.url.render_as_string(hide_password=False)

    ended = subprocess.run(
        [sys.executable, "-c", ENDING, url], check=False, capture_output=True, text=True
    )

    assert ended.stderr == ""
    assert stored(database)["propale_sweeps_total", "{}"] == 1
