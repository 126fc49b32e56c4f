"""Jobs that somebody else wrote into Redis: nothing of theirs runs, and the next ring is heard."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from redis import Redis
from rq import Callback, Queue, Webhook
from rq.serializers import JSONSerializer, PickleSerializer

from app.bell import DRAIN, QUEUE, Bell, impatient_redis, ring_queue
from tests.workers.told import accepted, tell
from workers import drain
from workers.rings import ring_worker

if TYPE_CHECKING:
    from collections.abc import Callable

    from rq.job import Job

    from tests.support.house import House


@dataclass
class Bomb:
    """Unpickling it makes a folder."""

    path: str

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.mkdir, (Path(self.path),)


def go_off(job: Job, *_: object) -> None:
    """What a job names as its callback."""
    Path(job.meta["path"]).mkdir()


OURS = f"{__name__}.{go_off.__name__}"


def pickled(path: str) -> dict[str, Any]:
    return {"func": DRAIN, "args": (Bomb(path),)}


def another_function(path: str) -> dict[str, Any]:
    return {"func": "os.mkdir", "args": [path]}


def after_success(path: str) -> dict[str, Any]:
    return {"func": DRAIN, "meta": {"path": path}, "on_success": Callback(OURS)}


def after_failure(path: str) -> dict[str, Any]:
    wrong = {"func": DRAIN, "args": ["more"]}
    return {**wrong, "meta": {"path": path}, "on_failure": Callback(OURS)}


def answer(house: House, redis_url: str) -> None:
    """The product's own worker answers what lies in Redis, and leaves."""
    drain.use(house.drain)
    ring_worker(redis_url, threading.Event(), Bell(redis_url).outage).work(
        burst=True, logging_level="CRITICAL"
    )


@pytest.mark.parametrize("job", [pickled, another_function, after_success, after_failure])
def test_job_runs_nothing_that_it_brings(
    house: House, redis_url: str, tmp_path: Path, job: Callable[[str], dict[str, Any]]
) -> None:
    tell(house, "slack.paid", accepted(house))
    path = tmp_path / "went off"
    serializer = PickleSerializer if job is pickled else JSONSerializer
    with Redis.from_url(redis_url) as client:
        written = Queue(QUEUE, connection=client, serializer=serializer)
        written.enqueue_call(**job(str(path)))

    answer(house, redis_url)
    Bell(redis_url).ring_now(ring_queue(impatient_redis(redis_url)))
    answer(house, redis_url)

    assert not path.exists()
    assert house.drain.finish() == 0
    assert house.message("slack.paid").status == "done"


def test_address_that_a_job_names_is_not_called(house: House, redis_url: str) -> None:
    address = f"{house.sandbox.url}/slack/api/auth.test"
    with Redis.from_url(redis_url) as client:
        written = Queue(QUEUE, connection=client, serializer=JSONSerializer)
        written.enqueue_call(DRAIN, webhooks=[Webhook(address, "finished")])

    answer(house, redis_url)

    assert house.calls("slack") == []
