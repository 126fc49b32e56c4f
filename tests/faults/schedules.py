"""Every way to disturb a unit of work: where the process dies, what a vendor does, what repeats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from tests.faults.patience import LONGER_SECONDS
from tests.faults.stage import Moment

HTTP: dict[str, dict[str, Any]] = {
    "429": {"status": 429},
    "500": {"status": 500},
    "no answer": {"cut": "before"},
    "time-out": {"delay": LONGER_SECONDS, "cut": "before"},
    "cut": {"cut": "after"},
    "garbled": {"garbled": True},
}
# A mail has one call; the methods are SMTP's.
MAIL: dict[str, dict[str, Any]] = {
    "429": {"method": "MAIL", "status": 451},
    "500": {"method": "DATA", "status": 452},
    "no answer": {"method": "RCPT", "cut": "before"},
    "cut": {"method": "DATA", "cut": "after"},
    "garbled": {"method": "DATA", "garbled": True},
    "lost": {"method": "DATA", "cut": "before"},
    "time-out": {"method": "DATA", "delay": LONGER_SECONDS, "cut": "before"},
}


@dataclass(frozen=True)
class Recorded:
    """A unit as it went undisturbed: the moment before it, the points it passed, its calls."""

    act: int
    number: int
    label: str
    moment: Moment
    points: tuple[str, ...]
    calls: tuple[str, ...]

    @property
    def is_message(self) -> bool:
        return "." in self.label and not self.label.startswith("event ")


@dataclass(frozen=True)
class Call:
    """The n-th call of a vendor from the beginning of the unit, and what happens to it."""

    vendor: str
    number: int
    fault: str

    @property
    def armed(self) -> dict[str, Any]:
        kinds = MAIL if self.vendor == "mail" else HTTP
        return {"vendor": self.vendor, "skip": self.number, **kinds[self.fault]}


@dataclass(frozen=True)
class Schedule:
    """`deaths`: at how many points passed from the unit's beginning a process dies.

    `twice`: requests and events arrive twice. `later`: after the unit a day passes. `frozen`: at
    that point the process stands still until another has worked its message, then goes on.
    """

    deaths: tuple[int, ...] = ()
    call: Call | None = None
    twice: bool = False
    later: bool = False
    frozen: int | None = None

    @property
    def ways(self) -> set[str]:
        """In which ways it disturbs, apart from what a vendor does."""
        there = {
            "death": bool(self.deaths),
            "second death": len(self.deaths) > 1,
            "twice": self.twice,
            "later": self.later,
            "frozen": self.frozen is not None,
        }
        return {way for way, is_there in there.items() if is_there}

    def __str__(self) -> str:
        said = [f"dies at {point}" for point in self.deaths]
        if self.call:
            said.append(f"{self.call.vendor} call {self.call.number}: {self.call.fault}")
        said += [name for name in ("twice", "later") if getattr(self, name)]
        if self.frozen is not None:
            said.append(f"frozen at {self.frozen}")
        return ", ".join(said)


UNDISTURBED = Schedule()
# Whether requests and events arrive twice, and whether a day lies between two tries.
MODES = ((False, False), (True, False), (False, True), (True, True))


def faults_of(unit: Recorded) -> list[Call]:
    """Each call of the unit with each fault."""
    counted: dict[str, int] = {}
    found = []
    for vendor in unit.calls:
        number = counted.get(vendor, 0)
        counted[vendor] = number + 1
        found += [Call(vendor, number, fault) for fault in (MAIL if vendor == "mail" else HTTP)]
    return found


def bases_of(unit: Recorded) -> Iterator[tuple[Schedule, tuple[int, ...]]]:
    """What disturbs a unit without a death, and at which points a process dies besides."""
    points, calls = tuple(range(len(unit.points))), faults_of(unit)
    for twice, later in MODES:
        yield Schedule(twice=twice, later=later), points
    for number, call in enumerate(calls):
        yield Schedule(call=call), points
        for place, (twice, later) in enumerate(MODES[1:]):
            # Each point meets each call once more, in one of these modes by turns.
            turn = tuple(p for p in points if (p + number) % len(MODES[1:]) == place)
            yield Schedule(call=call, twice=twice, later=later), turn


def schedules_of(unit: Recorded) -> Iterator[tuple[Schedule, Schedule]]:
    """All schedules of one unit, each with its base, in an order that never changes."""
    for base, points in bases_of(unit):
        if base != UNDISTURBED:
            yield base, base
        yield from ((base, replace(base, deaths=(point,))) for point in points)
    for point in range(len(unit.points)):
        second = Schedule((point, point + 1 + point * 7 % len(unit.points)))
        yield second, second
        if unit.is_message and unit.points[point] != "writing.commit":
            yield (still := Schedule(frozen=point)), still
