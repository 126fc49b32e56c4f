"""Plays a story with every disturbance and says of each end whether it may be so."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from app.failpoints import armed
from tests.faults.final_books import HARMLESS, Books, read_books
from tests.faults.judging import excuse, judge
from tests.faults.schedules import Recorded, Schedule, schedules_of
from tests.faults.stage import UNTIL_LEASES_END, NeverEndsError, ProcessDeath, Stage, Unit
from tests.faults.stories import Act, Story

VENDORS = ("hubspot", "stripe", "slack")
A_DAY_LATER = timedelta(hours=21)
MOST_UNITS = 400
LONGEST_KEPT = 300.0
MAY_REPEAT = ("cut", "garbled")


FirstDay = Callable[[], Stage]


@dataclass
class Play:
    """One schedule being played: what has died, what may arrive twice because of it."""

    stage: Stage
    schedule: Schedule
    deaths: list[int] = field(init=False)
    passed: int = 0
    died_at: list[str] = field(default_factory=list)
    dot_sent: bool = False
    mails_allowed: int = 0
    posts_allowed: int = 0

    def __post_init__(self) -> None:
        self.deaths = list(self.schedule.deaths)

    def run(self) -> None:
        """From the moment of the unit to the end of its act."""
        self._prepare()
        for number in range(MOST_UNITS):
            unit = self.stage.next_unit()
            if unit is None:
                self.stage.house.sandbox.world.faults.clear()
                return
            self._run(unit)
            if number == 0 and self.schedule.later:
                self.stage.pass_wall_time(A_DAY_LATER)
        raise NeverEndsError(self.stage.house.open_errors())

    def _prepare(self) -> None:
        self.stage.twice = self.schedule.twice
        if call := self.schedule.call:
            self.stage.house.sandbox.world.faults.arm(**call.armed)
            self.mails_allowed += call.vendor == "mail" and call.fault in MAY_REPEAT

    def _run(self, unit: Unit) -> None:
        self.dot_sent = False
        try:
            with armed(self._pass):
                unit.run()
        except ProcessDeath:
            self.mails_allowed += self.dot_sent
            self.stage.pass_wall_time(UNTIL_LEASES_END)

    def _pass(self, name: str) -> None:
        number, self.passed = self.passed, self.passed + 1
        if name == "mail.after":
            self.dot_sent = True
        elif name == "writing.after":
            self.dot_sent = False
        if self.deaths and number == self.deaths[0]:
            self.deaths.pop(0)
            self.died_at.append(name)
            raise ProcessDeath(name)
        if number == self.schedule.frozen:
            self._freeze(name)

    def _freeze(self, name: str) -> None:
        """Another worker takes over what this one holds; no vendor can tell the two apart."""
        self.mails_allowed += name == "mail.before"
        self.posts_allowed += name == "slack.before"
        with armed(lambda _name: None):
            self.stage.pass_wall_time(UNTIL_LEASES_END)
            self.stage.work_due()


@dataclass
class Result:
    """How all schedules of a story ended."""

    counted: int = 0
    played: int = 0
    repeated: int = 0
    dead: int = 0
    wrong: list[str] = field(default_factory=list)
    points: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    faults: set[tuple[str, str]] = field(default_factory=set)

    def lacks(self, unit: Recorded, schedule: Schedule) -> bool:
        """Whether the schedule holds a kind, a point or a fault that none before it held."""
        points = {unit.points[death] for death in schedule.deaths if death < len(unit.points)}
        kinds = {unit.label} if schedule.deaths else set()
        fault = {(schedule.call.vendor, schedule.call.fault)} if schedule.call else set()
        return bool(points - self.points or kinds - self.kinds or fault - self.faults)

    def __str__(self) -> str:
        return (
            f"{self.counted} schedules, {self.played} played: {self.dead} ended in a dead letter, "
            f"{self.repeated} mails arrived twice, {len(self.wrong)} ended wrongly"
        )


@dataclass
class Recording:
    """A story as it goes undisturbed: its units, and the books at the end of each act."""

    story: Story
    units: list[Recorded] = field(default_factory=list)
    ends: list[Books] = field(default_factory=list)
    made_at: float = field(default_factory=time.monotonic)

    @property
    def old(self) -> bool:
        """Keys and tokens of its moments may soon be too old to go on with."""
        return time.monotonic() - self.made_at > LONGEST_KEPT


def begin(stage: Stage, act: Act) -> None:
    act.outside(stage)
    stage.waiting += act.asked


def record(stage: Stage, story: Story) -> Recording:
    """Play the story undisturbed."""
    stage.age_histories(timedelta(hours=1))  # so that no stage of the example is one of ours
    for act in story.before:
        begin(stage, act)
        stage.finish()
    made = Recording(story)
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


def play_story(
    first_day: FirstDay, story: Story, result: Result, *, every: int = 1, first: int = 0
) -> None:
    """Play each `every`-th schedule of a story, and those that are the first of something."""
    stage = first_day()
    made = record(stage, story)
    schedules = list_schedules(made)
    result.counted += len(schedules)
    for index, (number, schedule) in enumerate(schedules):
        if index % every != first % every and not result.lacks(made.units[number], schedule):
            continue
        if made.old:
            stage = first_day()
            made = record(stage, story)
        play(stage, made, made.units[number], schedule, result)


def play(stage: Stage, made: Recording, unit: Recorded, schedule: Schedule, result: Result) -> None:
    """Play one schedule and add its end to the result."""
    stage.restore(unit.moment)
    one = Play(stage, schedule)
    story, act = made.story, made.story.acts[unit.act]
    name = f"{story.name} / {act.name} / {unit.number} {unit.label}: {schedule}"
    try:
        one.run()
        wrong = weigh(one, read_books(stage.house), made.ends[unit.act], result)
    except Exception as error:  # noqa: BLE001  whatever it is, it names the schedule
        wrong = [f"{type(error).__name__}: {error}"]
    result.played += 1
    result.points |= set(one.died_at)
    result.kinds |= {unit.label} if schedule.deaths else set()
    result.faults |= {(schedule.call.vendor, schedule.call.fault)} if schedule.call else set()
    if wrong:
        result.wrong.append(f"{name} (died at {one.died_at}): {wrong}")


def weigh(one: Play, got: Books, wanted: Books, result: Result) -> list[str]:
    """Take out what is excused, count it, and judge the rest."""
    result.dead += bool(got["dead"])
    result.repeated += excuse(got, wanted, "mails", one.mails_allowed)
    excuse(got, wanted, "posts", one.posts_allowed)
    for name in HARMLESS if one.schedule.later else ():
        got[name] &= wanted[name]
    return judge(got, wanted)


def list_schedules(made: Recording) -> list[tuple[int, Schedule]]:
    """All schedules of a story, each with the number of its unit."""
    return [(unit.number, schedule) for unit in made.units for schedule in schedules_of(unit)]
