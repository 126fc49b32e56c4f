"""Webhook ingest while Redis is missing or frozen, beside the same with Redis there."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg

from bench.contenders import Contender, figures, start_product
from bench.events import signed_events
from bench.figures import Figure, Goal, Report, median_ratio, percentile
from bench.load import CONNECTIONS, Load
from bench.servers import Stage, stage
from sandbox import demo_processes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

ROUNDS, REQUESTS = 11, 600
LEAST_OF_NORMAL, MOST_LATER = 0.9, 50.0
State = tuple[str, "Callable[[Stage], AbstractContextManager[None]]"]
Pair = tuple[Load, Load]  # the usual, then the same without Redis


def measure() -> Report:
    """Alternate rounds with Redis and without it, the first of each pair in turns."""
    with stage() as here, psycopg.connect(here.database_url, autocommit=True) as database:
        product = start_product(here)
        product.send_new(signed_events(REQUESTS))  # connections, caches: not measured
        states: tuple[State, ...] = (("missing", _missing), ("frozen", _frozen))
        pairs = {name: [_pair(product, without, number) for number in range(ROUNDS)]
                 for name, without in states}  # fmt: skip
        product.check_rows(database)
    return _report(pairs)


def _pair(
    product: Contender, without: Callable[[Stage], AbstractContextManager[None]], number: int
) -> Pair:
    def usual() -> Load:
        return product.send_new(signed_events(REQUESTS))

    def troubled() -> Load:
        with without(product.stage):
            return product.send_new(signed_events(REQUESTS))

    if number % 2:
        second = troubled()
        return usual(), second
    return usual(), troubled()


@contextmanager
def _missing(here: Stage) -> Iterator[None]:
    """Redis is killed; nobody listens at its port."""
    here.signal("valkey", signal.SIGKILL)
    yield
    here.processes.start_again("valkey")
    demo_processes.wait_for_valkey(here.processes, here.env)


@contextmanager
def _frozen(here: Stage) -> Iterator[None]:
    """Redis takes connections and answers none."""
    here.signal("valkey", signal.SIGSTOP)
    try:
        yield
    finally:
        here.signal("valkey", signal.SIGCONT)


def _report(pairs: dict[str, list[Pair]]) -> Report:
    return Report(
        f"Ingest without Redis ({CONNECTIONS} connections, "
        f"{ROUNDS} pairs of rounds each, {REQUESTS} events a round; every 2xx has its row)",
        [goal for name, rounds in pairs.items() for goal in _goals(name, rounds)],
        [figure for name, rounds in pairs.items() for figure in _figures(name, rounds)],
        [
            {"usual": usual.per_second, name: other.per_second}
            for name, rounds in pairs.items()
            for usual, other in rounds
        ],
    )


def _goals(name: str, rounds: list[Pair]) -> list[Goal]:
    ratio = median_ratio((other.per_second, usual.per_second) for usual, other in rounds)
    usual, other = map(_p99, zip(*rounds, strict=True))
    return [
        Goal(
            Figure(f"{name} / usual", ratio, "x", "events a second beside the same with Redis"),
            least=LEAST_OF_NORMAL,
        ),
        Goal(
            Figure(f"{name}: p99 later by", other - usual, "ms", "than with Redis, all rounds"),
            most=MOST_LATER,
        ),
    ]


def _p99(loads: Sequence[Load]) -> float:
    return percentile((1000 * seconds for load in loads for seconds in load.good), 99)


def _figures(name: str, rounds: list[Pair]) -> list[Figure]:
    usual, other = zip(*rounds, strict=True)
    return [*figures(f"usual beside {name}", usual), *figures(name, other)]
