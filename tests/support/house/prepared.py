"""The first house, installed once a session and put back to that moment for each test."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from flask import Flask

from app.db import Database
from app.runtime import Runtime
from app.settings import Settings
from sandbox.server import Server
from tests.support.house.accounts import FIRST
from tests.support.house.building import install, make_runtime
from tests.support.house.sides import Sides
from tests.support.house.visitors import House, Way
from workers.drain import Drain
from workers.handlers import HANDLERS

LONGEST_KEPT = 15 * 60.0
INSTALLED: Way = ()


@dataclass(frozen=True)
class Beginning:
    """A house at rest: both sides, Stripe's events that had arrived, the row it was all about."""

    sides: Sides
    carried: frozenset[str]
    row_id: int


@dataclass
class Prepared:
    """The first house, installed once: both sides are put back to that moment for each test.

    The engine and the application stay, so that statements and routes are compiled once. What many
    tests begin with is played once, too: `House.begin`.
    """

    file: Path
    template: Path
    database: Database
    app: Flask | None = None
    tenant_id: int = 0
    made_at: float = 0.0
    _beginnings: dict[Way, Beginning] = field(default_factory=dict)
    _untouched: tuple[object, ...] = ()

    def __post_init__(self) -> None:
        self._mine = sqlite3.connect(self.file)
        self._mine.execute("PRAGMA synchronous = OFF")

    @property
    def old(self) -> bool:
        """HubSpot's token of that moment lives for half an hour."""
        return not self._beginnings or time.monotonic() - self.made_at > LONGEST_KEPT

    def install(self, sandbox: Server, runtime: Runtime) -> None:
        """Play the installation, from a migrated database with nothing in it."""
        with closing(sqlite3.connect(self.template)) as template:
            template.backup(self._mine)
        house = install(sandbox, runtime)
        self.app, self.tenant_id, self.made_at = house.app, house.tenant_id, time.monotonic()
        self._beginnings = {INSTALLED: self._beginning(house, house.tenant_id)}

    def house(self, sandbox: Server, runtime: Runtime) -> House:
        """The installed house, in this test's sandbox and runtime."""
        assert self.app is not None
        self.app.extensions["propale"] = runtime
        drain = Drain(runtime, HANDLERS)
        house = House(sandbox, runtime, self.app, FIRST, self.tenant_id, drain)
        house.begin = partial(self._begin, house)
        self._put_back(house, INSTALLED)
        self._untouched = self._trace(house)
        return house

    def _begin(self, house: House, way: Way, play: Callable[[], int]) -> int:
        """Put back what was played once, or play it now; returns the id of its row.

        Nothing may have been done or armed in this house before, since that would be undone; and
        nothing may wait when it is kept, since its time would go on.
        """
        assert self._trace(house) == self._untouched, f"{way} is not the beginning of this test"
        if way not in self._beginnings:
            row_id = play()
            assert house.open_errors() == [], f"something waits after {way}: play it in each test"
            self._beginnings[way] = self._beginning(house, row_id)
        self._put_back(house, way)
        self._untouched = ()  # a test begins once
        return self._beginnings[way].row_id

    def _beginning(self, house: House, row_id: int) -> Beginning:
        sides = Sides.now(self._mine, house.sandbox.world)
        return Beginning(sides, frozenset(house._carried), row_id)

    def _put_back(self, house: House, way: Way) -> None:
        beginning = self._beginnings[way]
        beginning.sides.put_back(self._mine, house.sandbox.world)
        house._carried = set(beginning.carried)

    def _trace(self, house: House) -> tuple[object, ...]:
        """Differs after anything lasting was done, or armed, or left out."""
        world = house.sandbox.world
        version = self._mine.execute("PRAGMA data_version").fetchone()[0]
        return (version, world.store.changes, world.faults.listed(), house.hears)


def prepare_house(prepared: Prepared, sandbox: Server, settings: Settings) -> House:
    runtime = make_runtime(settings, database=prepared.database)
    if prepared.old:
        prepared.install(sandbox, runtime)
    return prepared.house(sandbox, runtime)
