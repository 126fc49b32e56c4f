"""Limits every wait for PostgreSQL, because a frozen or unreachable server never answers."""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen
from psycopg.errors import ConnectionTimeout
from psycopg.pq import TransactionStatus

T = TypeVar("T")
# The server itself ends a statement after 30 s.
LONGEST_WAIT_SECONDS = 40.0
WAKE_SECONDS = 0.1
CONNECTING = 8

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)
_connecting = ThreadPoolExecutor(CONNECTING, "connecting")


@contextmanager
def answered_within(seconds: float) -> Iterator[None]:
    """Inside the block no connection waits beyond that time, whatever the number of statements.

    Raises `DBAPIError` where PostgreSQL has not answered by then; SQLite has its own lock wait.
    """
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def _seconds_left() -> float:
    deadline = _deadline.get()
    return LONGEST_WAIT_SECONDS if deadline is None else max(0.0, deadline - time.monotonic())


class PatientConnection(psycopg.Connection[Any]):
    """A connection that stops waiting for the server when the caller's time is over."""

    def wait(
        self, gen: PQGen[T], interval: float = WAKE_SECONDS, timeout: float | None = None
    ) -> T:
        left = _seconds_left() if timeout is None else timeout
        try:
            return super().wait(gen, interval, left)
        except psycopg.OperationalError:
            if self.info.transaction_status == TransactionStatus.ACTIVE:
                # A late answer must not be taken for the answer to the next statement.
                self.close()
            raise


def connect(
    _dialect: object, _record: object, args: list[Any], options: dict[str, Any]
) -> PatientConnection:
    """Open a connection in another thread, because the driver waits at least two seconds.

    https://www.psycopg.org/psycopg3/docs/api/connections.html#psycopg.Connection.connect
    """
    try:
        coming = _connecting.submit(PatientConnection.connect, *args, **options)
    except RuntimeError:  # the interpreter ends: no thread begins any more, and no caller waits
        return PatientConnection.connect(*args, **options)
    try:
        return coming.result(_seconds_left())
    except TimeoutError as error:
        if not coming.cancel():
            coming.add_done_callback(_close)
        raise ConnectionTimeout("no connection in time") from error


def _close(late: Future[PatientConnection]) -> None:
    if late.exception() is None:
        late.result().close()
