"""The worker process: answers rings through RQ, and sweeps so that no ring is needed."""

import logging
import os
import signal
import sys
import threading
import time

from redis import Redis
from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from app.bell import impatient_redis, ring_queue
from app.logs import set_up_logging
from app.runtime import Runtime, refuse_moved_clock
from app.settings import Settings, SettingsError
from workers import drain, sweep
from workers.handlers import HANDLERS
from workers.preload import preload

RECONNECT_SECONDS = 2.0

log = logging.getLogger("workers")


def main() -> None:
    try:
        settings = Settings.from_env()
        runtime = Runtime.start(settings)
        refuse_moved_clock(settings, runtime.database)
    except SettingsError as error:
        sys.exit(f"The settings do not allow a start:\n{error}")
    set_up_logging(settings.log_level)
    preload()
    mine = drain.Drain(runtime, HANDLERS)
    drain.use(mine)
    stopping = threading.Event()
    sweeper = sweep.Sweep(runtime, mine, stopping)
    threading.Thread(target=sweeper.run, daemon=True, name="sweep").start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _stop(stopping))
    _answer_rings(settings, stopping)


def _stop(stopping: threading.Event) -> None:
    stopping.set()
    raise SystemExit(0)


def _answer_rings(settings: Settings, stopping: threading.Event) -> None:
    """Listen for rings until asked to stop; while Redis is away the sweep alone does the work."""
    while not stopping.is_set():
        try:
            impatient_redis(settings.redis_url).ping()
            _ring_worker(settings).work(logging_level="WARNING")
            stopping.set()  # it only returns when the process was told to stop
        except (RedisError, OSError) as error:
            log.warning("Redis is away (%s); the sweep goes on", type(error).__name__)
            stopping.wait(RECONNECT_SECONDS)


def _ring_worker(settings: Settings) -> SimpleWorker:
    connection = Redis.from_url(settings.redis_url, health_check_interval=10)
    return SimpleWorker(
        [ring_queue(connection)],
        connection=connection,
        serializer=JSONSerializer,
        name=f"propale-{os.uname().nodename}-{os.getpid()}-{time.time_ns()}",
    )


if __name__ == "__main__":
    main()
