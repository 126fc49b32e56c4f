"""Plays a story with every disturbance and says of each end whether it may be so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby

from app.failpoints import armed
from tests.faults.beginnings import Beginnings, begin, grown_old
from tests.faults.final_books import HARMLESS, Books, read_books
from tests.faults.judging import excuse, excuse_seen, judge
from tests.faults.play import Play
from tests.faults.schedules import Recorded, Schedule, schedules_of
from tests.faults.stage import Stage, Unit
from tests.faults.stories import Story

VENDORS = ("hubspot", "stripe", "slack")
FirstDay = Callable[[], Stage]
Listed = tuple[Recorded, Schedule, Schedule]
NEVER = object()


@dataclass
class Result:
    """How all schedules of a story ended."""

    counted: int = 0
    played: int = 0
    same: int = 0
    repeated: int = 0
    dead: int = 0
    stories: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    points: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    faults: set[tuple[str, str]] = field(default_factory=set)
    ways: set[str] = field(default_factory=set)

    def lacks(self, unit: Recorded, schedule: Schedule) -> bool:
        """Whether the schedule holds a kind, point, fault or way that none before it held."""
        points = {unit.points[death] for death in schedule.deaths if death < len(unit.points)}
        kinds = {unit.label} if schedule.deaths else set()
        fault = {(schedule.call.vendor, schedule.call.fault)} if schedule.call else set()
        new = (points - self.points, kinds - self.kinds, fault - self.faults)
        return any(new) or bool(schedule.ways - self.ways)

    def met(self, unit: Recorded, one: Play) -> None:
        """Note the points, kinds, faults and ways that a play held."""
        schedule = one.schedule
        self.points |= set(one.died_at)
        self.kinds |= {unit.label} if schedule.deaths else set()
        self.faults |= {(schedule.call.vendor, schedule.call.fault)} if schedule.call else set()
        self.ways |= schedule.ways

    @property
    def counts(self) -> dict[str, int]:
        """What `in_words` says; those of several results can be added up."""
        return {
            "schedules": self.counted,
            "played": self.played,
            "same": self.same,
            "dead": self.dead,
            "repeated": self.repeated,
            "wrong": len(self.wrong),
        }


def in_words(counts: Mapping[str, int]) -> str:
    return (
        f"{counts['schedules']} schedules, {counts['played']} played, {counts['same']} the same as "
        f"one of them: {counts['dead']} ended in a dead letter, {counts['repeated']} mails arrived "
        f"twice, {counts['wrong']} ended wrongly"
    )


@dataclass
class Recording:
    """A story as it goes undisturbed: its units, and the books at the end of each act."""

    story: Story
    made_at: float
    units: list[Recorded] = field(default_factory=list)
    ends: list[Books] = field(default_factory=list)


def record(stage: Stage, story: Story, beginnings: Beginnings) -> Recording:
    """Play the story undisturbed."""
    stage.age_histories(timedelta(hours=1))  # so that no stage of the example is one of ours
    made = Recording(story, beginnings.play(stage, story.before))
    for number, act in enumerate(story.acts):
        begin(stage, act)
        while unit := stage.next_unit():
            made.units.append(_record(stage, number, len(made.units), unit))
        made.ends.append(read_books(stage.house))
    return made


def _record(stage: Stage, act: int, number: int, unit: Unit) -> Recorded:
    points: list[str] = []
    moment, journal = stage.remember(), stage.house.sandbox.world.journal
    journal.clear()
    with armed(points.append):
        unit.run()
    label = stage.kind if unit.label == "claim" else unit.label
    calls = [vendor for vendor in VENDORS for _ in journal.entries(vendor)]
    calls += ["mail"] * journal.count("mail", "DATA")
    return Recorded(act, number, label, moment, tuple(points), tuple(calls))


@dataclass
class Player:
    """Plays schedules of one story, which is recorded again before its keys and tokens end."""

    first_day: FirstDay
    story: Story
    result: Result
    beginnings: Beginnings = field(default_factory=Beginnings)

    def __post_init__(self) -> None:
        self._record()

    def _record(self) -> None:
        self.stage = self.first_day()
        self.made = record(self.stage, self.story, self.beginnings)

    def listed(self) -> list[Listed]:
        """All schedules of the story: the unit, the base and the schedule itself."""
        return [(unit, *pair) for unit in self.made.units for pair in schedules_of(unit)]

    def play_sample(self, chosen: int) -> None:
        """Play one of the schedules, and those that are the first of something."""
        listed = self.listed()
        self.result.counted += len(listed)
        for index, (unit, _base, schedule) in enumerate(listed):
            if index == chosen % len(listed) or self.result.lacks(unit, schedule):
                self.play(unit, schedule)
                self.result.played += 1

    def play_all(self, slice_of: slice) -> None:
        """Play a slice; of deaths that leave exactly the same behind only the first.

        Nothing lasting was written between them, here or at a vendor: they are one death.
        """
        listed = self.listed()[slice_of]
        self.result.counted += len(listed)
        for _, group in groupby(listed, lambda one: (one[0].number, one[1])):
            schedules = list(group)
            unit, base, _schedule = schedules[0]
            marks: list[object] = [*self.play(unit, base).footprints]
            left: set[object] = {NEVER}
            for _unit, _base, schedule in schedules:
                if schedule != base:
                    point = schedule.deaths[0]
                    mark = marks[point] if point < len(marks) else NEVER
                    if mark in left:
                        self.result.same += 1
                        continue
                    left.add(mark)
                    self.play(unit, schedule)
                self.result.played += 1

    def play(self, unit: Recorded, schedule: Schedule) -> Play:
        """Play one schedule and add its end to the result."""
        if grown_old(self.made.made_at):
            self._record()
        unit = self.made.units[unit.number]  # of the newest recording, whose ends it is judged by
        self.stage.restore(unit.moment)
        one, result = Play(self.stage, schedule), self.result
        act = self.story.acts[unit.act]
        try:
            one.run()
            wrong = weigh(one, read_books(self.stage.house), self.made.ends[unit.act], result)
        except Exception as error:  # noqa: BLE001  whatever it is, it names the schedule
            wrong = [f"{type(error).__name__}: {error}"]
        result.met(unit, one)
        if wrong:
            name = f"{self.story.name} / {act.name} / {unit.number} {unit.label}: {schedule}"
            result.wrong.append(f"{name} (died at {one.died_at}): {wrong}")
        return one


def weigh(one: Play, got: Books, wanted: Books, result: Result) -> list[str]:
    """Take out what is excused, count it, and judge the rest."""
    result.dead += bool(got["dead"])
    excuse_seen(got, wanted)
    result.repeated += excuse(got, wanted, "mails", one.mails_allowed)
    excuse(got, wanted, "posts", one.posts_allowed)
    for name in HARMLESS if one.schedule.later else ():
        got[name] &= wanted[name]
    return judge(got, wanted)
