"""The worker process: works messages when RQ rings, and sweeps for those without a ring."""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from types import FrameType

from redis import Redis
from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from app.bell import impatient_redis, ring_queue
from app.logs import set_up_logging
from app.runtime import Runtime, refuse_moved_clock, wait_for_database
from app.settings import Settings, SettingsError
from workers import drain, sweep
from workers.handler import Handler
from workers.handlers import HANDLERS
from workers.preload import preload

RECONNECT_SECONDS = 2.0

log = logging.getLogger("workers")


def main(handlers: Mapping[str, Handler] = HANDLERS) -> None:
    try:
        settings = Settings.from_env()
        set_up_logging(settings.log_level)
        runtime = Runtime.start(settings)
        wait_for_database(runtime.database)
        refuse_moved_clock(settings, runtime.database)
    except SettingsError as error:
        sys.exit(f"The settings do not allow a start:\n{error}")
    preload()
    mine = drain.Drain(runtime, handlers, worn_out=lambda: os.kill(os.getpid(), signal.SIGTERM))
    drain.use(mine)
    sweeper = sweep.Sweep(runtime, mine)
    threading.Thread(target=sweeper.run, daemon=True, name="sweep").start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _stop(mine.stopping))
    with suppress(SystemExit):
        _answer_rings(settings, mine.stopping)
    _leave(mine)


def _leave(mine: drain.Drain) -> None:
    """Exit when the work in hand is done; Python itself would wait for lost threads for ever.

    The status is 1 when there were too many of them: whoever supervises us starts us again.
    """
    lost = mine.finish()
    if lost:
        logging.shutdown()
        os._exit(1 if lost >= drain.MOST_LOST else 0)


def _stop(stopping: threading.Event) -> None:
    """Stop claiming and exit; messages in work are finished first."""
    stopping.set()
    raise SystemExit(0)


class RingWorker(SimpleWorker):
    """RQ's worker without forks; while it works, signals come here first."""

    stopping: threading.Event

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self.stopping.set()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]


def _answer_rings(settings: Settings, stopping: threading.Event) -> None:
    """Listen for rings until asked to stop; without Redis the sweep alone finds the messages."""
    while not stopping.is_set():
        try:
            impatient_redis(settings.redis_url).ping()
            _ring_worker(settings, stopping).work(logging_level="WARNING")
        except (RedisError, OSError) as error:
            log.warning("Redis is away (%s); the sweep goes on", type(error).__name__)
        stopping.wait(RECONNECT_SECONDS)


def _ring_worker(settings: Settings, stopping: threading.Event) -> RingWorker:
    connection = Redis.from_url(settings.redis_url, health_check_interval=10)
    worker = RingWorker(
        [ring_queue(connection)],
        connection=connection,
        serializer=JSONSerializer,
        name=f"propale-{os.uname().nodename}-{os.getpid()}-{time.time_ns()}",
    )
    worker.stopping = stopping
    return worker


if __name__ == "__main__":
    main()
