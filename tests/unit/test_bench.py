"""What the measurements compute from their rounds: ratios, percentiles, goals."""

from __future__ import annotations

import pytest

from bench import calls, duplicates, lease_cycle, noisy, outage
from bench.figures import Figure, Goal, median_ratio, percentile
from bench.load import Load
from bench.noisy import Turn


def load(per_second: float, *milliseconds: float) -> Load:
    """A round of as many events as there are times to answer."""
    answers = [number / 1000 for number in milliseconds]
    return Load(seconds=len(answers) / per_second, good=answers)


def test_percentile_is_the_nearest_rank() -> None:
    values = list(range(1, 101))

    assert [percentile(values, percent) for percent in (50, 95, 99, 100)] == [50, 95, 99, 100]
    assert percentile([7.0], 99) == 7.0


def test_ratio_is_the_median_of_the_rounds() -> None:
    assert median_ratio([(1, 2), (9, 3), (8, 8)]) == 1.0


@pytest.mark.parametrize(("value", "met"), [(0.9, True), (0.89, False)])
def test_goal_holds_at_its_limit(value: float, met: bool) -> None:
    assert Goal(Figure("a", value, "x", ""), least=0.9).met is met
    assert Goal(Figure("a", -value, "x", ""), most=-0.9).met is met


def test_outage_compares_rate_and_p99_with_the_usual() -> None:
    pairs = [(load(100, 5, 5, 10), load(80, 5, 5, 70))] * 3

    goals = outage._report({"frozen": pairs}).goals

    assert [round(goal.figure.value, 2) for goal in goals] == [0.8, 60.0]
    assert [goal.met for goal in goals] == [False, False]


def test_one_write_for_duplicates_misses_the_goal() -> None:
    rounds = [(load(100, 5), load(140, 5))]

    assert [goal.met for goal in duplicates._report(rounds, 0).goals] == [True, True]
    assert [goal.met for goal in duplicates._report(rounds, 1).goals] == [True, False]


def test_lease_cycle_is_compared_round_by_round() -> None:
    rates = {"product": [300, 30], "forking": [20, 2], "simple": [200, 25], "bare": [500, 50]}
    rates["bare, each"] = [400, 40]

    goals = lease_cycle._report({name: list(map(float, r)) for name, r in rates.items()}).goals

    assert [round(goal.figure.value, 2) for goal in goals] == [15.0, 1.35, 0.6]
    assert [goal.met for goal in goals] == [True, False, True]


def test_calls_are_compared_with_all_threads_at_work() -> None:
    rounds = [{"messages": rate, "bare threads": 39.0} for rate in (36.0, 35.9, 40.0)]

    [goal] = calls._report(rounds).goals

    assert (round(goal.figure.value, 2), goal.met) == (0.9, True)


def test_noise_that_slows_by_a_fifth_is_just_allowed() -> None:
    alone, beside = Turn([0.2] * 20, per_second=12.0), Turn([0.24] * 18 + [0.5] * 2, 10.0)

    goals = noisy._report([(alone, beside)]).goals

    assert [round(goal.figure.value, 2) for goal in goals] == [1.2, 2.5, 1.2]
    assert not goals[1].met
