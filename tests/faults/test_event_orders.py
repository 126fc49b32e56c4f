"""All events of one purchase in any order, doubled, in the middle of our own call, or missing."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

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
from tests.faults.crashes import FirstDay, begin
from tests.faults.final_books import Books, difference, read_books
from tests.faults.stage import Moment, Request, Stage
from tests.support.lost import list_as_lost

MOST_PERMUTED = 6
FEW = 12  # orders played without `--long`
MANY = 300


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
EACH = pytest.mark.parametrize("bought", PURCHASES, ids=lambda bought: bought.name)


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


def check_orders(first_day: FirstDay, bought: Bought, most: int) -> None:
    seen = unheard(first_day(), bought)

    wrong = {
        " ".join(str(event["type"]) for event in order): told
        for number, order in enumerate(orders_of(seen.events, most))
        if (told := seen.after(order, one_by_one=number % 2 == 0))
    }

    assert len(seen.events) >= 3
    assert wrong == {}


@EACH
def test_events_in_any_order_and_doubled_end_the_same(first_day: FirstDay, bought: Bought) -> None:
    check_orders(first_day, bought, FEW)


@pytest.mark.long
@EACH
def test_events_in_every_order_end_the_same(first_day: FirstDay, bought: Bought) -> None:
    check_orders(first_day, bought, 720)


@EACH
def test_missing_events_are_found_by_reconciling(first_day: FirstDay, bought: Bought) -> None:
    seen = unheard(first_day(), bought)
    missing = [lost for n in (1, len(seen.events)) for lost in combinations(seen.events, n)]

    wrong = {
        " ".join(str(event["type"]) for event in lost): told
        for lost in missing
        if (told := seen.without(lost))
    }

    assert wrong == {}


@pytest.mark.parametrize("deal", [SEND, SEND_ONCE], ids=["monthly", "once"])
@pytest.mark.parametrize("choice", ["card_ok", "card_declined"])
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
    for point in range(2, 60, 3):
        stage.restore(moment)
        with armed(at_point(point, lambda: hear_all(stage))):
            run_next(stage)
        stage.finish()
        if told := difference(read_books(stage.house), end):
            wrong[point] = told

    assert wrong == {}


def run_next(stage: Stage) -> None:
    unit = stage.next_unit()
    assert unit
    unit.run()


def at_point(wanted: int, do: Callable[[], None]) -> Callable[[str], None]:
    """Have something done at one of the points outside a transaction, once."""
    passed = iter(range(1000))
    done: list[str] = []

    def on(name: str) -> None:
        if next(passed) >= wanted and not done and name != "writing.commit":
            done.append(name)
            do()

    return on


def hear_all(stage: Stage) -> None:
    """Another worker hears and works all there is to hear."""
    with armed(lambda _name: None):
        for event in list(stage.events()):
            stage.post(event)
        stage.work_due()
