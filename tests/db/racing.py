"""Several calls at the same instant, each in a thread of its own; two that meet on their way."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from app.db import Database

_PATIENCE_SECONDS = 30


def together(database: Database, *calls: Callable[[], Any]) -> list[Any]:
    """Start all calls at once; give what each returned, or the exception that it raised."""
    with ExitStack() as opened:  # nobody is late because a connection had to be made
        for _ in calls:
            opened.enter_context(database.engine.connect())
    start = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        start.wait(_PATIENCE_SECONDS)
        try:
            return call()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result(_PATIENCE_SECONDS) for future in [pool.submit(run, c) for c in calls]]


def failures(results: list[Any]) -> list[Exception]:
    return [result for result in results if isinstance(result, Exception)]


def until_one_waits(database: Database) -> None:
    """Return when some statement on PostgreSQL waits for another's commit."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with database.engine.connect() as connection:
            if connection.execute(waiting).scalar_one():
                return
    raise TimeoutError("nobody waits")


@dataclass
class Meeting:
    """Two threads that wait for each other the first time each comes to the point."""

    monkeypatch: pytest.MonkeyPatch

    def __post_init__(self) -> None:
        self._both = threading.Barrier(2)
        self._came: set[int] = set()

    def wait(self) -> None:
        if threading.get_ident() not in self._came:
            self._came.add(threading.get_ident())
            self._both.wait(10)

    def before(self, module: object, name: str, instead: Callable[..., Any] | None = None) -> None:
        """Have both meet before this function of ours runs, or what stands in for it.

        Patched, because nothing outside can stop a thread between its reading and its writing.
        """
        really = instead or getattr(module, name)

        def met(*args: Any, **more: Any) -> Any:
            self.wait()
            return really(*args, **more)

        self.monkeypatch.setattr(module, name, met)

    def after(self, module: object, name: str) -> None:
        """Have both meet when this function of ours has read."""
        really = getattr(module, name)

        def met(*args: Any, **more: Any) -> Any:
            found = really(*args, **more)
            self.wait()
            return found

        self.monkeypatch.setattr(module, name, met)
