"""A storm is drawn from its seed alone; what it kills is matched with what was taken up again."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from tests.chaos.disturbances import LONG_FAULTS
from tests.chaos.recovery import Recovery, Takeover, recovery
from tests.chaos.sales import SHAPES, WAYS, key_in, make_sale
from tests.chaos.storm import BLOWS, LONG_SECONDS, make_plan


def test_same_seed_is_the_same_storm() -> None:
    assert make_plan(7, 60) == make_plan(7, 60)
    assert make_plan(7, 60) != make_plan(8, 60)


def test_storm_begins_with_workers_killed_at_work() -> None:
    assert {make_plan(seed, 20)[0].name for seed in range(20)} == {"kill both workers"}


def test_every_blow_falls_before_any_falls_again() -> None:
    names = [blow.name for blow in make_plan(3, LONG_SECONDS * 2)][1:]

    assert Counter(names[: len(BLOWS)]) == Counter(list(BLOWS))


def test_short_storm_has_no_faults_that_outlast_it() -> None:
    names = {blow.name for seed in range(50) for blow in make_plan(seed, 20)}

    assert names == set(BLOWS) - set(LONG_FAULTS)


def test_every_shape_meets_every_way_to_pay() -> None:
    rng = Random(1)
    sales = [make_sale(number, rng) for number in range(len(SHAPES) * len(WAYS))]

    met = {(sale.recurring, len(sale.lines), sale.way) for sale in sales}

    assert len(met) == len(SHAPES) * len(set(WAYS))
    assert {sale.portal for sale in sales} == {148111, 148222}


def test_first_charge_is_figured_with_tax() -> None:
    sale = make_sale(0, Random(1))
    sale.lines = [{"price": "10.00"}, {"price": "5.00"}]

    assert sale.due_minor == 1800


@pytest.mark.parametrize("text", ["Atelier 0042 s’abonne", "jeanne@atelier-0042.example"])
def test_texts_name_their_sale(text: str) -> None:
    assert key_in(text) == "0042"


@pytest.mark.parametrize(
    ("kills", "outages", "found"),
    [
        ([101.0], [], Recovery(15.5, "k", 15.5)),  # renewed at 100, taken up at 116.5
        ([90.0, 101.0], [99.0, 117.0], Recovery(15.5, "k", 15.5)),
        ([101.0, 103.0], [], Recovery(15.5, "k", 13.5)),
        ([101.0], [110.0], Recovery(15.5, "k", 6.5)),
        ([99.0], [], None),  # before the renewal: whoever renewed was alive
        ([], [110.0], None),
    ],
)
def test_recovery_counts_from_the_kill_that_ended_the_lease(
    kills: list[float], outages: list[float], found: Recovery | None
) -> None:
    assert recovery(Takeover(0, "k", 115.0, 116.5), kills, outages) == found
