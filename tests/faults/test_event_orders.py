"""All events of one purchase in any order, doubled, in the middle of our own call, or missing."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, count, permutations

import pytest

from app.failpoints import armed
from app.reconcile.tenant import reconcile_tenant
from tests.faults.acts import (
    AGAIN,
    CARD,
    DEBIT,
    SEND,
    SEND_ONCE,
    Act,
    come_back,
    enter,
    entered,
    later,
)
from tests.faults.beginnings import begin
from tests.faults.crashes import FirstDay
from tests.faults.final_books import Books, difference, read_books
from tests.faults.stage import Moment, Request, Stage
from tests.support.lost import list_as_lost

MOST_PERMUTED = 6
FEW = 6  # orders played without `--long`
MANY = 300
FEWEST_POINTS = 20  # a unit that asks Stripe and writes down what it said


def returned(choice: str) -> Act:
    """She enters a method and comes back to our page, which asks for the charge."""
    return Act(f"enter {choice}", (Request("return", come_back),), enter(choice))


@dataclass(frozen=True)
class Bought:
    """A purchase: what is heard of while it happens, and then what happens unheard."""

    name: str
    heard: tuple[Act, ...]
    unheard: tuple[Act, ...]


PURCHASES = (
    Bought("monthly", (SEND, CARD), (returned("card_ok"),)),
    Bought("once", (SEND_ONCE, CARD), (returned("card_ok"),)),
    Bought("debit", (SEND_ONCE, DEBIT), (returned("sepa_ok"), later(days=6))),
    Bought(
        "declined", (SEND, CARD), (returned("card_declined"), AGAIN, returned("card_ok"))
    ),
    Bought("renewal", (SEND, CARD, entered("card_ok")), (later(days=32),)),
)  # fmt: skip


@dataclass
class Unheard:
    """The moment in which Stripe's events are under way, and the end when all have come."""

    stage: Stage
    moment: Moment
    events: list[dict[str, object]]
    end: Books

    def after(self, order: Sequence[dict[str, object]], *, one_by_one: bool = False) -> list[str]:
        """Deliver these events, each twice; what is different then."""
        self.stage.restore(self.moment)
        for event in order:
            self.stage.post(event)
            self.stage.post(event)
            if one_by_one:
                self.stage.finish()
        self.stage.finish()
        return difference(read_books(self.stage.house), self.end)

    def without(self, lost: Sequence[dict[str, object]]) -> list[str]:
        """Deliver all but these, then reconcile; what is different then."""
        self.stage.restore(self.moment)
        house = self.stage.house
        for event in lost:
            list_as_lost(house, event)
        for event in self.events:
            if event not in lost:
                self.stage.post(event)
        self.stage.finish()
        list(reconcile_tenant(house.runtime, house.tenant_id, repair=True))
        self.stage.finish()
        return difference(read_books(house), self.end)


def unheard(stage: Stage, bought: Bought) -> Unheard:
    for act in bought.heard:
        begin(stage, act)
        stage.finish()
    stage.deaf = True
    for act in bought.unheard:
        begin(stage, act)
        stage.finish()
    moment, events = stage.remember(), list(stage.events())
    for event in events:
        stage.post(event)
    stage.finish()
    return Unheard(stage, moment, events, read_books(stage.house))


def orders_of(events: list[dict[str, object]], most: int) -> Iterable[Sequence[dict[str, object]]]:
    """All orders of up to six events; of more, and beyond `most`, random ones from a fixed seed."""
    if len(events) <= MOST_PERMUTED:
        every = list(permutations(events))
        return every if len(every) <= most else random.Random(3).sample(every, most)
    chance = random.Random(3)
    return [chance.sample(events, len(events)) for _ in range(min(most, MANY))]


@pytest.fixture(scope="module", params=PURCHASES, ids=lambda bought: bought.name)
def seen(first_day: FirstDay, request: pytest.FixtureRequest) -> Unheard:
    """One of the purchases, played once for all tests of it."""
    return unheard(first_day(), request.param)


def check_orders(seen: Unheard, most: int) -> None:
    wrong = {
        " ".join(str(event["type"]) for event in order): told
        for number, order in enumerate(orders_of(seen.events, most))
        if (told := seen.after(order, one_by_one=number % 2 == 0))
    }

    assert len(seen.events) >= 3
    assert wrong == {}


def test_events_in_any_order_and_doubled_end_the_same(seen: Unheard) -> None:
    check_orders(seen, FEW)


@pytest.mark.long
def test_events_in_every_order_end_the_same(seen: Unheard) -> None:
    check_orders(seen, 720)


def test_missing_events_are_found_by_reconciling(seen: Unheard) -> None:
    missing = [lost for n in (1, len(seen.events)) for lost in combinations(seen.events, n)]

    wrong = {
        " ".join(str(event["type"]) for event in lost): told
        for lost in missing
        if (told := seen.without(lost))
    }

    assert wrong == {}


@pytest.mark.parametrize(
    ("deal", "choice"),
    [
        pytest.param(SEND, "card_ok", id="monthly"),
        pytest.param(SEND_ONCE, "card_ok", id="once"),
        pytest.param(SEND, "card_declined", id="monthly, declined"),
        pytest.param(SEND_ONCE, "card_declined", id="once, declined", marks=pytest.mark.long),
    ],
)
def test_events_before_our_own_commit_end_the_same(
    first_day: FirstDay, deal: Act, choice: str
) -> None:
    stage = first_day()
    for act in (deal, CARD):
        begin(stage, act)
        stage.finish()
    begin(stage, returned(choice))
    run_next(stage)
    moment = stage.remember()
    stage.finish()
    end = read_books(stage.house)

    wrong = {}
    for point in count(2, 3):
        stage.restore(moment)
        if not hears_all_at(stage, point):
            break  # there are no more
        stage.finish()
        if told := difference(read_books(stage.house), end):
            wrong[point] = told

    assert point > FEWEST_POINTS
    assert wrong == {}


def run_next(stage: Stage) -> None:
    unit = stage.next_unit()
    assert unit
    unit.run()


def hears_all_at(stage: Stage, wanted: int) -> bool:
    """Run what is next with all heard at one point outside a transaction; whether it came there."""
    passed, heard = count(), list[str]()

    def on(name: str) -> None:
        if next(passed) >= wanted and not heard and name != "writing.commit":
            heard.append(name)
            hear_all(stage)

    with armed(on):
        run_next(stage)
    return bool(heard)


def hear_all(stage: Stage) -> None:
    """Another worker hears and works all there is to hear."""
    with armed(lambda _name: None):
        for event in list(stage.events()):
            stage.post(event)
        stage.work_due()
