"""One schedule being played, from the moment of its unit to the end of the act."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from app.failpoints import armed
from tests.faults.patience import impatient
from tests.faults.schedules import Schedule
from tests.faults.stage import UNTIL_LEASES_END, NeverEndsError, ProcessDeath, Stage, Unit

A_DAY_LATER = timedelta(hours=21)
MOST_UNITS = 400
MAY_REPEAT = ("cut", "garbled")


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
    # The footprint at each point passed: a death leaves the same as one at the point before
    # where the two are equal.
    footprints: list[tuple[object, ...]] = field(default_factory=list)
    _unit: int = 0

    def __post_init__(self) -> None:
        self.deaths = list(self.schedule.deaths)

    def run(self) -> None:
        """From the moment of the unit to the end of its act."""
        self._prepare()
        with impatient(self.stage.silence_is_next):
            self._go_on()

    def _go_on(self) -> None:
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
        self.dot_sent, self._unit = False, self._unit + 1
        try:
            with armed(self._pass):
                unit.run()
        except ProcessDeath:
            self.mails_allowed += self.dot_sent
            self.stage.pass_wall_time(UNTIL_LEASES_END)

    def _pass(self, name: str) -> None:
        number, self.passed = self.passed, self.passed + 1
        self.footprints.append((self._unit, *self.stage.footprint()))
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
        self.mails_allowed += name == "mail.before" or self.dot_sent
        self.posts_allowed += name == "slack.before"
        with armed(lambda _name: None):
            self.stage.pass_wall_time(UNTIL_LEASES_END)
            self.stage.work_due()
