"""The first house, installed once a session and put back to that moment for each test."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from app.db import Database
from app.runtime import Runtime
from app.settings import Settings
from app.web import webhooks
from sandbox.server import Server
from tests.support.house.accounts import FIRST
from tests.support.house.building import install, make_runtime
from tests.support.house.visitors import House
from workers.drain import Drain
from workers.handlers import HANDLERS

LONGEST_KEPT = 15 * 60.0


@dataclass
class Prepared:
    """The first house, installed once: both sides are put back to that moment for each test.

    The engine and the application stay, so that statements and routes are compiled once.
    """

    file: Path
    template: Path
    database: Database
    app: Flask | None = None
    tenant_id: int = 0
    records: str = ""
    made_at: float = 0.0

    @property
    def old(self) -> bool:
        """HubSpot's token of that moment lives for half an hour."""
        return not self.records or time.monotonic() - self.made_at > LONGEST_KEPT

    @property
    def _kept(self) -> Path:
        return self.file.with_name("kept.db")

    def empty(self) -> None:
        """A migrated database and nothing in it."""
        with closing(sqlite3.connect(self.template)) as template:
            self._put(template)

    def restore(self) -> None:
        """Our rows as they were; `restore_sandbox` does the same for the vendors'."""
        with closing(sqlite3.connect(self._kept)) as kept:
            self._put(kept)

    def _put(self, source: sqlite3.Connection) -> None:
        with closing(sqlite3.connect(self.file)) as mine:
            source.backup(mine)

    def remember(self, house: House) -> None:
        """Keep both sides as they are now."""
        store = house.sandbox.world.store
        with closing(sqlite3.connect(self.file)) as mine, store.lock:
            with closing(sqlite3.connect(self._kept)) as kept:
                mine.backup(kept)
            tables = {place: dict(table) for place, table in store._tables.items()}
            self.records = json.dumps([tables, store._numbers])
        self.app, self.tenant_id, self.made_at = house.app, house.tenant_id, time.monotonic()

    def house(self, sandbox: Server, runtime: Runtime) -> House:
        """The remembered house, in this test's sandbox and runtime."""
        assert self.app is not None
        store = sandbox.world.store
        tables, numbers = json.loads(self.records)
        with store.lock:
            for table in store._tables.values():
                table.forget()
            for place, records_of in tables.items():
                for key, record in records_of.items():
                    store.table(*place.split("/")).load(key, record)
            store._numbers = numbers
        self.app.extensions["propale"] = runtime
        webhooks._doors.clear()
        drain = Drain(runtime, HANDLERS)
        return House(sandbox, runtime, self.app, FIRST, self.tenant_id, drain)


def prepare_house(prepared: Prepared, sandbox: Server, settings: Settings) -> House:
    runtime = make_runtime(settings, database=prepared.database)
    if prepared.old:
        prepared.empty()
        prepared.remember(install(sandbox, runtime))
    prepared.restore()
    return prepared.house(sandbox, runtime)
