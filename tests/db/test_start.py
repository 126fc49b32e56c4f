"""A process that starts while PostgreSQL is away waits for it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from sqlalchemy import text

from app.db import EVERY_TENANT, Database
from app.runtime import patiently

if TYPE_CHECKING:
    from tests.support.postgres import OwnServer


def ask(database: Database, statement: str = "SELECT 7") -> int:
    with database.reading(EVERY_TENANT) as session:
        answer: int = session.execute(text(statement)).scalar_one()
        return answer


def test_start_waits_until_the_database_answers(own_postgres: OwnServer) -> None:
    database = Database(own_postgres.server.url())
    own_postgres.stop()
    waiting = threading.Thread(
        target=lambda: patiently(database, lambda: ask(database), 0.05), daemon=True
    )
    waiting.start()
    waiting.join(0.3)
    waited = waiting.is_alive()

    own_postgres.start()

    waiting.join(20)
    assert (waited, waiting.is_alive()) == (True, False)
    database.engine.dispose()


def test_question_cut_off_by_the_server_is_asked_again(own_postgres: OwnServer) -> None:
    database = Database(own_postgres.server.url())
    statements = iter(["SELECT pg_terminate_backend(pg_backend_pid())", "SELECT 7"])

    assert patiently(database, lambda: ask(database, next(statements)), 0.01) == 7
    database.engine.dispose()
