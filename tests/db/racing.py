"""Several calls at the same instant, each in a thread of its own."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

if TYPE_CHECKING:
    from collections.abc import Callable

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
