"""The worker process: works messages when RQ rings, and sweeps for those without a ring."""

import os
import signal
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress

from redis.exceptions import RedisError

from app.bell import impatient_redis
from app.logs import leave_out, start_logging
from app.metrics.tallies import Tallies
from app.outages import Outage
from app.runtime import Runtime, patiently, refuse_moved_clock
from app.setting_problems import SettingsError
from app.settings import Settings
from workers import drain, sweep
from workers.handler import Handler
from workers.handlers import HANDLERS
from workers.preload import preload
from workers.rings import ring_worker

RECONNECT_SECONDS = 2.0


def main(handlers: Mapping[str, Handler] = HANDLERS) -> None:
    try:
        settings = Settings.from_env()
        start_logging(settings)
        runtime = Runtime.start(settings)
        patiently(runtime.database, lambda: refuse_moved_clock(settings, runtime.database))
    except SettingsError as error:
        sys.exit(f"The settings do not allow a start:\n{error}")
    preload()
    Tallies(runtime.database).start()
    mine = drain.Drain(runtime, handlers, worn_out=lambda: os.kill(os.getpid(), signal.SIGTERM))
    drain.use(mine)
    sweeper = sweep.Sweep(runtime, mine)
    threading.Thread(target=sweeper.run, daemon=True, name="sweep").start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _stop(mine.stopping))
    with suppress(SystemExit):
        _answer_rings(settings, mine.stopping, runtime.bell.outage)
    _leave(mine)


def _leave(mine: drain.Drain) -> None:
    """Exit when the work in hand is done; Python itself would wait for lost threads for ever.

    The status is 1 when there were too many of them: whoever supervises us starts us again.
    """
    lost = mine.finish()
    if lost:
        os._exit(1 if lost >= drain.MOST_LOST else 0)


def _stop(stopping: threading.Event) -> None:
    """Stop claiming and exit; messages in work are finished first."""
    stopping.set()
    raise SystemExit(0)


def _answer_rings(settings: Settings, stopping: threading.Event, outage: Outage) -> None:
    """Listen for rings until asked to stop; without Redis the sweep alone finds the messages."""
    # RQ writes an error for each try, and tries every other second.
    leave_out("rq.worker", "could not connect to Redis", lambda: outage.goes_on("ConnectionError"))
    while not stopping.is_set():
        try:
            impatient_redis(settings.redis_url).ping()
            ring_worker(settings.redis_url, stopping, outage).work(logging_level="WARNING")
        except (RedisError, OSError) as error:
            outage.goes_on(type(error).__name__)
        stopping.wait(RECONNECT_SECONDS)


if __name__ == "__main__":
    main()
