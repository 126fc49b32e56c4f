"""The baseline of the way to Slack: an RQ job that does nothing, and one local POST.

`python -m bench.noop` is its worker.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

import requests
from redis import Redis
from rq import Queue, SimpleWorker, get_current_job

QUEUE = "noop"
STARTED = "bench:noop:started"
SECONDS_TO_START = 10


@dataclass
class Noop:
    """Asks the worker for nothing and a server for little, and takes the time of both."""

    redis: Redis
    url: str
    token: str

    def __post_init__(self) -> None:
        self._queue = Queue(QUEUE, connection=self.redis)
        self._session = requests.Session()

    def seconds(self) -> float:
        """From the enqueueing to the job's first line, and one POST on a kept connection."""
        asked = time.time()
        self._queue.enqueue(note_start, result_ttl=0)
        started = self.redis.blpop([STARTED], timeout=SECONDS_TO_START)
        if not isinstance(started, list | tuple):
            raise TimeoutError("the worker of the baseline did not start its job")
        posted = time.perf_counter()
        headers = {"Authorization": f"Bearer {self.token}"}
        self._session.post(self.url, headers=headers, timeout=SECONDS_TO_START).raise_for_status()
        return float(started[1]) - asked + time.perf_counter() - posted


def note_start() -> None:
    """The job: it does nothing but say when it was started."""
    now, job = time.time(), get_current_job()
    if job is not None:
        job.connection.rpush(STARTED, now)


def main() -> None:
    redis = Redis.from_url(os.environ["REDIS_URL"])
    SimpleWorker([Queue(QUEUE, connection=redis)], connection=redis).work(logging_level="WARNING")


if __name__ == "__main__":
    main()
