"""A house whose processes can be killed: one unit of work at a time, time that passes, moments.

A unit is what one process does without a break: a request, the receipt of one Stripe event, one
sweep, one attempt at one message. `next_unit` says which comes next; whoever was not served asks
again: a person presses once more, Stripe delivers again, a lease ends.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from app import messages
from app.db import Base
from app.models import AuditEntry
from sandbox.hubspot import records, tokens
from tests.support.house import FIRST, House, Sides
from workers.attempt import Attempt
from workers.handlers import HANDLERS

A_MOMENT = timedelta(seconds=1)
UNTIL_LEASES_END = timedelta(seconds=25)
LONGEST_STORY = timedelta(days=3)
# What is wall time in our tables; business dates stay where they are.
# The database lets nobody change an entry of the audit log, and nothing waits for its age.
AGELESS = {AuditEntry.__tablename__}
WALL_TIMES = {
    table.name: names
    for table in Base.metadata.sorted_tables
    if table.name not in AGELESS
    and (names := [column.name for column in table.columns if column.info.get("clock") == "wall"])
}
DUE = """SELECT EXISTS (SELECT 1 FROM messages WHERE status = 'pending' AND available_at <= ?
    OR status = 'leased' AND lease_until <= ?)"""


class ProcessDeath(BaseException):
    """The end of a process: no `except Exception` of ours or of an SDK's sees it."""


class NeverEndsError(AssertionError):
    """Something is tried again and again and comes to no end."""


@dataclass(frozen=True)
class Unit:
    """`run` says whether the one who asked was served."""

    label: str
    run: Callable[[], bool]


@dataclass(frozen=True)
class Request:
    """What a person or the sweep asks of the product, again until it is served."""

    label: str
    send: Callable[[House], bool]


@dataclass(frozen=True)
class Moment:
    """Both sides as they stood between two units."""

    sides: Sides
    carried: frozenset[str]
    waiting: tuple[Request, ...]


@dataclass
class Stage:
    """The house, what was asked of it and not yet served, and how much time has passed."""

    house: House
    file: Path
    twice: bool = False
    deaf: bool = False
    waiting: list[Request] = field(default_factory=list)
    carried: set[str] = field(default_factory=set)
    passed: timedelta = timedelta(0)
    kind: str = ""
    idle: bool = False

    def __post_init__(self) -> None:
        # Opened once: thousands of moments are put back, and none need survive a power cut.
        self._mine = sqlite3.connect(self.file, check_same_thread=False)
        self._asking = threading.Lock()  # a request may pass points in several threads
        self._mine.execute("PRAGMA synchronous = OFF")
        self._mine.create_function("earlier", 2, _earlier, deterministic=True)

    # Work.

    def next_unit(self) -> Unit | None:
        """What happens next; when all wait, time passes; None when there is nothing left."""
        while True:
            if self.waiting:
                return Unit(self.waiting[0].label, self._answer)
            if self._due() and not self.idle:
                return Unit("claim", self._attempt)
            for event in () if self.deaf else self.events():
                return Unit(f"event {event['type']}", partial(self.post, event))
            wait = self._wait()
            if wait is None:
                return None
            self.pass_wall_time(wait)

    def finish(self) -> None:
        """Undisturbed until nothing is left."""
        while unit := self.next_unit():
            unit.run()

    def work_due(self) -> None:
        """Another worker works whatever is due now."""
        while self._due() and self._attempt():
            pass

    def _answer(self) -> bool:
        request = self.waiting[0]
        served = request.send(self.house)
        if served:
            self.waiting.remove(request)
            if self.twice:
                request.send(self.house)
        else:
            self.pass_wall_time(A_MOMENT)
        return served

    def _due(self) -> bool:
        """Whether a claim is worth trying: any message is to be worked, or its lease has ended."""
        now = self._now().isoformat(" ", "microseconds")
        return bool(self._mine.execute(DUE, (now, now)).fetchone()[0])

    def _attempt(self) -> bool:
        claimed = messages.claim(self.house.runtime.database, 1)
        self.idle = not claimed  # what is due may have to wait for its turn
        for message in claimed:
            self.kind = message.kind
            Attempt(self.house.runtime, HANDLERS, message).make()
        return bool(claimed)

    def events(self) -> Iterator[dict[str, object]]:
        """Stripe's events that have not arrived, oldest first."""
        wanted = set(self.house.endpoint()["enabled_events"]) if self._has_endpoint() else set()
        with self.house.sandbox.world.store.lock:
            for event in self.house.books().table("event").values():
                if event["type"] in wanted and event["id"] not in self.carried:
                    yield json.loads(json.dumps(event))

    def _has_endpoint(self) -> bool:
        return bool(self.house.books().table("webhook_endpoint"))

    def post(self, event: dict[str, object]) -> bool:
        self.idle = False
        for _ in range(1 + self.twice):
            if self.house.post_event(event).status_code != 200:
                return False
        self.carried.add(str(event["id"]))
        return True

    # Time.

    def _wait(self) -> timedelta | None:
        """How long until something that waits is due; None when nothing waits."""
        due = """SELECT min(max(m.available_at, coalesce(p.until, m.available_at))) FROM messages m
            LEFT JOIN pauses p ON p.tenant_id = m.tenant_id AND p.provider = m.provider
            WHERE m.status = 'pending' AND m.waits_for IN
                ('', 'hubspot.create_properties', 'hubspot.configuration', 'stripe.configuration')
            UNION SELECT lease_until FROM messages WHERE status = 'leased'"""
        moments = [row[0] for row in self._mine.execute(due) if row[0]]
        if not moments:
            return None
        return max(datetime.fromisoformat(min(moments)) - self._now(), timedelta(0)) + A_MOMENT

    def _now(self) -> datetime:
        """Wall time as SQLite's rows write it."""
        return self.house.sandbox.world.clock.wall().replace(tzinfo=None)

    def pass_wall_time(self, step: timedelta) -> None:
        """Let wall time pass on both sides: whatever was written is that much older."""
        self.idle = False
        self.passed += step
        if self.passed > LONGEST_STORY:
            raise NeverEndsError(self.house.open_errors())
        # `earlier` waits for the interpreter while the database is locked; another thread of the
        # request that looks at the footprint would wait the other way round, for ever.
        with self._asking, self._mine as ours:
            for table, columns in WALL_TIMES.items():
                changes = ", ".join(f"{name} = earlier({name}, :step)" for name in columns)
                ours.execute(f"UPDATE {table} SET {changes}", {"step": step.total_seconds()})
        self._age_vendors(step)

    def _age_vendors(self, step: timedelta) -> None:
        world = self.house.sandbox.world
        with world.store.lock:
            for key, kept in (answers := self.house.books().table("idempotency")).items():
                answers[key] = {**kept, "at": kept["at"] - step.total_seconds()}
            self.age_histories(step)
            for token, grant in (access := tokens.access_tokens(world)).items():
                ends = datetime.fromisoformat(grant["expires_at"]) - step
                access[token] = {**grant, "expires_at": ends.isoformat()}

    def age_histories(self, step: timedelta) -> None:
        """When each value of a deal came; a stage of minutes ago is not one of now."""
        deals = records.table(self.house.sandbox.world, str(FIRST.portal), "deals")
        for key, deal in deals.items():
            for entry in (e for entries in deal["history"].values() for e in entries):
                at = datetime.fromisoformat(entry["timestamp"]) - step
                entry["timestamp"] = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            deals[key] = deal

    # Moments.

    def footprint(self) -> tuple[object, ...]:
        """Differs between two moments of one play if anything lasting was written between them."""
        world = self.house.sandbox.world
        with self._asking:
            ours = self._mine.execute("PRAGMA data_version").fetchone()[0]
        armed = tuple((fault["skip"], fault["times"]) for fault in world.faults.listed())
        asked = (len(self.waiting), len(self.carried), self.passed)
        return (ours, world.store.changes, armed, *asked)

    def silence_is_next(self) -> bool:
        """Whether the next call of some vendor will not be answered in time."""
        armed = self.house.sandbox.world.faults.listed()
        return any(fault["delay"] and not fault["skip"] for fault in armed)

    def remember(self) -> Moment:
        sides = Sides.now(self._mine, self.house.sandbox.world)
        return Moment(sides, frozenset(self.carried), tuple(self.waiting))

    def restore(self, moment: Moment) -> None:
        self.twice, self.idle, self.passed = False, False, timedelta(0)
        self.carried, self.waiting = set(moment.carried), list(moment.waiting)
        moment.sides.put_back(self._mine, self.house.sandbox.world)


def _earlier(text: str | None, seconds: float) -> str | None:
    if text is None:
        return None
    return (datetime.fromisoformat(text) - timedelta(seconds=seconds)).isoformat(
        " ", "microseconds"
    )
