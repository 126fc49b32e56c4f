"""A process that starts while PostgreSQL is away waits for it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from app.db import Database
from app.runtime import wait_for_database

if TYPE_CHECKING:
    from tests.support.postgres import OwnServer


def test_start_waits_until_the_database_answers(own_postgres: OwnServer) -> None:
    database = Database(own_postgres.server.url())
    own_postgres.stop()
    waiting = threading.Thread(target=wait_for_database, args=(database, 0.05), daemon=True)
    waiting.start()
    waiting.join(0.3)
    waited = waiting.is_alive()

    own_postgres.start()

    waiting.join(20)
    assert (waited, waiting.is_alive()) == (True, False)
    database.engine.dispose()
