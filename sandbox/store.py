"""Tables in memory, written through to SQLite, so that a restarted demo remembers everything."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, MutableMapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

Record = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    place TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (place, id));
CREATE TABLE IF NOT EXISTS numbers (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""
_PUT = """INSERT INTO records (place, id, body) VALUES (?, ?, ?)
ON CONFLICT (place, id) DO UPDATE SET body = excluded.body"""
_COUNT = """INSERT INTO numbers (name, value) VALUES (?, ?)
ON CONFLICT (name) DO UPDATE SET value = excluded.value"""


class Table(MutableMapping[str, Record]):
    """JSON objects by id, in the order they came; reassign an object after changing it."""

    def __init__(self, store: Store, place: str) -> None:
        self._store = store
        self._place = place
        self._rows: dict[str, Record] = {}

    def __getitem__(self, key: str) -> Record:
        return self._rows[key]

    def __setitem__(self, key: str, value: Record) -> None:
        with self._store.lock:
            self._rows[key] = value
            self._store.write(_PUT, (self._place, key, json.dumps(value)))

    def __delitem__(self, key: str) -> None:
        with self._store.lock:
            del self._rows[key]
            self._store.write("DELETE FROM records WHERE place = ? AND id = ?", (self._place, key))

    def __iter__(self) -> Iterator[str]:
        # A copy, so that a background thread may add while another walks.
        return iter(list(self._rows))

    def __len__(self) -> int:
        return len(self._rows)

    def load(self, key: str, value: Record) -> None:
        """Put back what the file already holds."""
        self._rows[key] = value

    def forget(self) -> None:
        """Empty the memory; `Store.clear` empties the file."""
        self._rows.clear()


class Store:
    """All tables and counters of the sandbox behind one lock; `path` None keeps them in memory."""

    def __init__(self, path: Path | None) -> None:
        self.lock = threading.RLock()
        self._tables: dict[str, Table] = {}
        self._numbers: dict[str, int] = {}
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._file = sqlite3.connect(
            path or ":memory:", isolation_level=None, check_same_thread=False
        )
        # The sandbox survives its own restart; it need not survive a power cut.
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = OFF")
        self._file.executescript(_SCHEMA)
        self._read()

    def table(self, *names: str) -> Table:
        """Return the table of that name, e.g. `table("stripe", account_id, "customers")`."""
        place = "/".join(names)
        known = self._tables.get(place)
        if known is not None:  # a table is never taken away, so nobody need wait to look
            return known
        with self.lock:
            return self._tables.setdefault(place, Table(self, place))

    def number(self, name: str) -> int:
        """Count up and return the next value (1, 2, 3...) of a counter."""
        with self.lock:
            value = self._numbers.get(name, 0) + 1
            self._numbers[name] = value
            self.write(_COUNT, (name, value))
            return value

    def clear(self) -> None:
        """Forget every row and counter; tables handed out before stay usable."""
        with self.lock:
            for table in self._tables.values():
                table.forget()
            self._numbers.clear()
            self._file.executescript("DELETE FROM records; DELETE FROM numbers;")

    @property
    def changes(self) -> int:
        """How many rows were written since the start; two equal numbers: nothing in between."""
        return self._file.total_changes

    def write(self, statement: str, values: tuple[object, ...]) -> None:
        self._file.execute(statement, values)

    def close(self) -> None:
        with self.lock:
            self._file.close()

    def _read(self) -> None:
        for place, key, body in self._file.execute(
            "SELECT place, id, body FROM records ORDER BY rowid"
        ):
            self.table(*place.split("/")).load(key, json.loads(body))
        self._numbers = dict(self._file.execute("SELECT name, value FROM numbers"))
