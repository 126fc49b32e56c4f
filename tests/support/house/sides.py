"""Both sides of a house at one moment, kept in memory so that they can be put back."""

from __future__ import annotations

import pickle
import sqlite3
from dataclasses import dataclass

from app.web import webhooks
from sandbox.world import World


@dataclass(frozen=True)
class Sides:
    """`ours` is a copy of our database, `theirs` the sandbox's tables and counters."""

    ours: sqlite3.Connection
    theirs: bytes

    @classmethod
    def now(cls, mine: sqlite3.Connection, world: World) -> Sides:
        """Copy both; `mine` is a connection to our SQLite file."""
        ours = sqlite3.connect(":memory:", check_same_thread=False)
        mine.backup(ours)
        with world.store.lock:
            tables = {place: table._rows for place, table in world.store._tables.items()}
            return cls(ours, pickle.dumps((tables, world.store._numbers)))

    def put_back(self, mine: sqlite3.Connection, world: World) -> None:
        """Everything stands as it did; faults are gone and nothing has arrived yet."""
        self.ours.backup(mine)
        tables, numbers = pickle.loads(self.theirs)
        with world.store.lock:
            world.faults.clear()
            world.journal.clear()
            for place, table in world.store._tables.items():
                table._rows = tables.get(place, {})
            world.store._numbers = numbers
        webhooks._doors.clear()
