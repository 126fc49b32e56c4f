"""RQ's side of the worker: what a job in Redis may do, and who takes it from there."""

import os
import threading
import time
from types import FrameType
from typing import Any

from redis import Redis
from rq import SimpleWorker
from rq.job import Job
from rq.serializers import JSONSerializer

from app.bell import ring_queue
from app.outages import Outage
from workers import drain


class Ring(Job):
    """A job of the ring queue: it answers a ring, whatever was written into it.

    A job may name any function, and callbacks and webhooks beside it: whoever can write into
    Redis would have us run what he likes. None of that is looked at.
    https://python-rq.org/docs/jobs/
    """

    @property
    def func(self) -> Any:
        return drain.answer_ring

    @property
    def success_callback(self) -> None:
        return None

    @property
    def failure_callback(self) -> None:
        return None

    @property
    def stopped_callback(self) -> None:
        return None

    def send_webhooks(self, *_: Any, **__: Any) -> None:
        """A ring tells nobody how it ended."""


class RingWorker(SimpleWorker):
    """RQ's worker without forks; while it works, signals come here first."""

    stopping: threading.Event
    outage: Outage

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self.stopping.set()
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]

    def heartbeat(self, *args: Any, **options: Any) -> None:
        super().heartbeat(*args, **options)
        self.outage.is_over()


def ring_worker(redis_url: str, stopping: threading.Event, outage: Outage) -> RingWorker:
    """A worker that reads JSON only and runs nothing but rings."""
    connection = Redis.from_url(redis_url, health_check_interval=10)
    worker = RingWorker(
        [ring_queue(connection)],
        connection=connection,
        serializer=JSONSerializer,
        job_class=Ring,
        name=f"propale-{os.uname().nodename}-{os.getpid()}-{time.time_ns()}",
    )
    worker.stopping, worker.outage = stopping, outage
    return worker
