"""Two clocks: wall time for signatures and tokens, business time for everything people plan."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.store import Store

_MOVE = """INSERT INTO business_clock (id, offset_seconds) VALUES (1, {value})
ON CONFLICT (id) DO UPDATE SET offset_seconds = excluded.offset_seconds"""


class ClockError(RuntimeError):
    """The product's clock could not be moved, so the sandbox's was not moved either."""


class Clock:
    """Business time = wall time + an offset kept in the store and in the product's database."""

    def __init__(self, store: Store, database_url: str) -> None:
        self._store = store
        self._row = store.table("clock")
        self._hooks: list[Callable[[], None]] = []
        self.database_url = database_url

    @staticmethod
    def wall() -> datetime:
        """Return real UTC time: signatures, token expiry, rate limits. Never moved."""
        return datetime.now(UTC)

    def now(self) -> datetime:
        """Return business UTC time: object dates, periods, validity."""
        return self.wall() + self.offset

    @property
    def offset(self) -> timedelta:
        row = self._row.get("business")
        return timedelta(seconds=row["offset_seconds"] if row else 0)

    def on_move(self, hook: Callable[[], None]) -> None:
        """Have a vendor's due work done after every move; hooks run under the store's lock."""
        self._hooks.append(hook)

    def advance(self, step: timedelta) -> datetime:
        """Move both sides by `step`, then let the vendors do what fell due. Raises ClockError."""
        with self._store.lock:
            self._set(int((self.offset + step).total_seconds()))
            for hook in self._hooks:
                hook()
            return self.now()

    def reset(self) -> None:
        """Put both sides back to wall time, without running hooks."""
        with self._store.lock:
            if self.offset:
                self._set(0)

    def _set(self, seconds: int) -> None:
        self._tell_product(seconds)
        self._row["business"] = {"offset_seconds": seconds}

    def _tell_product(self, seconds: int) -> None:
        if not self.database_url:
            return
        try:
            if self.database_url.startswith("sqlite"):
                _write_sqlite(self.database_url, seconds)
            else:
                _write_postgresql(self.database_url, seconds)
        except (sqlite3.Error, OSError) as problem:
            raise ClockError(f"the product's clock could not be moved: {problem}") from problem


def _write_sqlite(url: str, seconds: int) -> None:
    path = url.split(":///", 1)[1].split("?", 1)[0]
    connection = sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=10)
    try:
        with connection:
            connection.execute(_MOVE.format(value="?"), (seconds,))
    finally:
        connection.close()


def _write_postgresql(url: str, seconds: int) -> None:
    import psycopg  # noqa: PLC0415 - the embedded default never needs it

    try:
        with psycopg.connect(url.replace("+psycopg", "", 1), connect_timeout=5) as connection:
            connection.execute(_MOVE.format(value="%s"), (seconds,))
    except psycopg.Error as problem:
        raise ClockError(f"the product's clock could not be moved: {problem}") from problem
