"""Marking messages done whose work changed no row of ours: what is ready goes in one commit."""

import threading
import time
from concurrent.futures import Future
from queue import Empty, SimpleQueue

from app import messages
from app.db import EVERY_TENANT, Database
from app.messages import Claimed

# Threads that began together end together: so long the first waits for the others, which costs
# nothing beside a vendor's call and saves most commits and claims where there is little to do.
GATHER_SECONDS = 0.001
Ready = tuple[Claimed, "Future[None]"]


class Finishing:
    """Shared by the threads of a drain: while one commits, the others' messages gather."""

    def __init__(self) -> None:
        self._ready: SimpleQueue[Ready] = SimpleQueue()
        self._turn = threading.Lock()

    def finish(self, database: Database, message: Claimed) -> None:
        """Return when it is done; a message that another attempt took over is left alone.

        Whatever hinders the commit is raised for every message in it.
        """
        finished: Future[None] = Future()
        self._ready.put((message, finished))
        with self._turn:
            if not finished.done():
                time.sleep(GATHER_SECONDS)
                _finish(database, self._gathered())
        finished.result()

    def _gathered(self) -> list[Ready]:
        gathered: list[Ready] = []
        try:
            while True:
                gathered.append(self._ready.get_nowait())
        except Empty:
            return gathered


def _finish(database: Database, gathered: list[Ready]) -> None:
    try:
        with database.writing(EVERY_TENANT) as session:
            messages.finish_all(session, [message for message, _ in gathered])
    except BaseException as error:  # noqa: BLE001  each of them hears of it
        for _, finished in gathered:
            finished.set_exception(error)
    else:
        for _, finished in gathered:
            finished.set_result(None)
