"""One noisy tenant: what ten thousand failing messages of one do to another's, in turns."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import psycopg

from app import messages
from app.runtime import Runtime
from app.settings import Settings
from bench import stub
from bench.backlog import make_tenants, plant
from bench.figures import Figure, Goal, Report, median_ratio, percentile
from bench.handlers import CALL_MS, CALLING, FAILING, REFUSAL_MS, STUB
from bench.servers import BenchError, Stage, stage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BACKLOG = 10_000
ROUNDS, TRICKLE, PER_SECOND, BURST = 4, 60, 5, 60
MOST_SLOWED = 1.2
SECONDS_TO_WORK = 120
_TIMES = "SELECT available_at, finished_at FROM messages WHERE kind = %s AND status = 'done'"


@dataclass
class Turn:
    """One turn of the quiet tenant: seconds from due to done of a trickle, a burst's rate."""

    waited: list[float] = field(default_factory=list)
    per_second: float = 0.0
    failed: int = 0


@dataclass
class Tenants:
    """The noisy one and the quiet one, and the means to let them act."""

    runtime: Runtime
    database: psycopg.Connection
    noisy: int
    quiet: int

    def turn(self, *, noise: bool) -> Turn:
        """Measure the quiet tenant, beside the other's backlog or alone."""
        self.database.execute("DELETE FROM messages")
        if noise:
            plant(self.runtime.database, [self.noisy], FAILING, BACKLOG)
        self.database.execute("VACUUM ANALYZE messages")
        self._wake()
        turn = Turn(self._trickle())
        turn.per_second = self._burst()
        turn.failed = self._number("SELECT coalesce(sum(attempts), 0) FROM messages", FAILING)
        if noise and self._number("SELECT count(*) FROM messages", FAILING) != BACKLOG:
            raise BenchError("messages of the noisy tenant were lost")
        return turn

    def _wake(self) -> None:
        """Ring, as whoever adds messages does, and let the worker come to its usual pace."""
        self.runtime.bell.ring()
        time.sleep(1)

    def _trickle(self) -> list[float]:
        begun = time.monotonic()
        for number in range(TRICKLE):
            time.sleep(max(0.0, begun + number / PER_SECOND - time.monotonic()))
            self._add(1)
        return [(done - due).total_seconds() for due, done in self._times(TRICKLE)]

    def _burst(self) -> float:
        self._add(BURST)
        times = self._times(TRICKLE + BURST)[TRICKLE:]
        first, last = min(due for due, _ in times), max(done for _, done in times)
        return BURST / (last - first).total_seconds()

    def _add(self, number: int) -> None:
        with self.runtime.database.writing(self.quiet) as session:
            for _ in range(number):
                messages.add(session, CALLING, str(time.time_ns()), payload={})

    def _times(self, number: int) -> list[tuple[datetime, datetime]]:
        """When each was due and done, in the order of becoming due, once so many are done."""
        deadline = time.monotonic() + SECONDS_TO_WORK
        while time.monotonic() < deadline:
            found = self.database.execute(_TIMES, (CALLING,)).fetchall()
            if len(found) == number:
                return sorted(found)
            time.sleep(0.1)
        raise BenchError(f"{len(found)} of {number} messages were done in {SECONDS_TO_WORK} s")

    def _number(self, question: str, kind: str) -> int:
        row = self.database.execute(f"{question} WHERE kind = %s".encode(), (kind,)).fetchone()
        return int(row[0]) if row else 0


def measure() -> Report:
    """Alternate turns alone and beside the noise, the first of each pair in turns."""
    with stage() as here, psycopg.connect(here.database_url, autocommit=True) as database:
        here.env[STUB] = stub.start(here)
        tenants = _start(here, database)
        tenants.turn(noise=False)  # connections, caches: not measured
        pairs = [_pair(tenants.turn, number) for number in range(ROUNDS)]
    return _report(pairs)


def _start(here: Stage, database: psycopg.Connection) -> Tenants:
    here.processes.start("worker", sys.executable, "-m", "bench.worker")
    runtime = Runtime.start(Settings.from_env(here.env))
    return Tenants(runtime, database, *make_tenants(runtime.database, 2))


def _pair(turn: Callable[..., Turn], number: int) -> tuple[Turn, Turn]:
    if number % 2:
        beside = turn(noise=True)
        return turn(noise=False), beside
    return turn(noise=False), turn(noise=True)


def _report(pairs: list[tuple[Turn, Turn]]) -> Report:
    goals = [
        _slowed(pairs, "p50", lambda turn: percentile(turn.waited, 50)),
        _slowed(pairs, "p95", lambda turn: percentile(turn.waited, 95)),
        _slowed(pairs, "burst", lambda turn: 1 / turn.per_second),
    ]
    return Report(
        f"One noisy tenant ({BACKLOG} due messages answered 429 or 500 after {REFUSAL_MS} ms; "
        f"the other's calls take {CALL_MS} ms; {ROUNDS} pairs of turns, one worker)",
        goals,
        list(_figures(pairs)),
        [
            {"alone p50": percentile(alone.waited, 50), "beside p50": percentile(beside.waited, 50)}
            for alone, beside in pairs
        ],
    )


def _slowed(pairs: list[tuple[Turn, Turn]], name: str, seconds: Callable[[Turn], float]) -> Goal:
    ratio = median_ratio((seconds(beside), seconds(alone)) for alone, beside in pairs)
    return Goal(Figure(f"{name}: beside / alone", ratio, "x", _MEANING[name]), most=MOST_SLOWED)


_MEANING = {
    "p50": f"due to done, {PER_SECOND} a second",
    "p95": f"due to done, {PER_SECOND} a second",
    "burst": f"seconds for {BURST} due at once",
}


def _figures(pairs: list[tuple[Turn, Turn]]) -> Iterator[Figure]:
    for name, turns in zip(("alone", "beside"), zip(*pairs, strict=True), strict=True):
        waited = [1000 * seconds for turn in turns for seconds in turn.waited]
        yield Figure(f"{name}: p50", percentile(waited, 50), "ms", "due to done, all turns")
        yield Figure(f"{name}: p95", percentile(waited, 95), "ms", "due to done, all turns")
        rates = [turn.per_second for turn in turns]
        yield Figure(f"{name}: burst", percentile(rates, 50), "/s", "median of its turns")
    failed = sum(beside.failed for _, beside in pairs)
    yield Figure("failed calls", failed, "", "of the noisy tenant, all turns")
