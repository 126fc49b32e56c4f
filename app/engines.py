"""How connections are opened, kept and tested before use, on both databases."""

import time
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError

from app.patience import connect

LOCK_WAIT_SECONDS = 10
ALONE_CONNECTIONS = 8
OPTIONS = (
    "-c statement_timeout=30000",
    "-c lock_timeout=10000",
    # Ends a transaction whose thread hangs, with the locks it holds.
    "-c idle_in_transaction_session_timeout=60000",
    # Compiling a statement takes longer than any of ours runs.
    "-c jit=off",
)
POSTGRES: dict[str, Any] = {
    "hide_parameters": True,
    "pool_timeout": 1,
    "connect_args": {
        "connect_timeout": 2,
        "options": " ".join(OPTIONS),
    },
}


def make_engine(url: str, pool_size: int) -> Engine:
    """The pool of a process; on SQLite the option `begin` names the kind of BEGIN."""
    if url.startswith("sqlite"):
        waiting = {"timeout": LOCK_WAIT_SECONDS}
        engine = create_engine(url, pool_size=pool_size, connect_args=waiting, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = create_engine(url, pool_size=pool_size, **POSTGRES)
    event.listen(engine, "do_connect", connect)
    return engine


def make_autocommit_engine(url: str) -> Engine:
    """Autocommit connections for single statements.

    SQLAlchemy does not roll back when they return to the pool.
    """
    alone: dict[str, Any] = {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None}
    few = {"pool_size": ALONE_CONNECTIONS, "max_overflow": 0, "pool_timeout": 0.5}
    engine = create_engine(url, **{**POSTGRES, **alone, **few})
    event.listen(engine, "do_connect", connect)
    return engine


def ask_idle_connections(engine: Engine, trusted_seconds: float) -> None:
    """Replace idle connections that the server dropped; one used a moment ago is not pinged.

    https://docs.sqlalchemy.org/en/21/core/pooling.html#custom-legacy-pessimistic-ping
    """

    def note(_connection: Any, record: Any) -> None:
        record.info["used"] = time.monotonic()

    def ask(connection: Any, record: Any, _proxy: object) -> None:
        idle = time.monotonic() - record.info.get("used", 0)
        if idle < trusted_seconds or "used" not in record.info:
            return
        try:
            engine.dialect.do_ping(connection)
        except Exception as error:
            raise DisconnectionError from error

    event.listen(engine, "checkin", note)
    event.listen(engine, "checkout", ask)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    # Without the last, REPLACE deletes a row of the audit log and its trigger is not asked.
    pragmas = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "recursive_triggers=ON")
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    """Begin with IMMEDIATE where we will write, so a later write cannot fail with SQLITE_BUSY.

    https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#serializable-isolation-savepoints-transactional-ddl
    """
    mode = connection.get_execution_options().get("begin", "DEFERRED")
    connection.exec_driver_sql(f"BEGIN {mode}")
