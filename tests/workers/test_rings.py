"""The doorbell and the net under it: rings, no Redis, a frozen one, a flushed one, dead workers."""

import json
import os
import subprocess
import sys
import threading
import time
import zlib
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import update

from app import messages
from app.bell import WAITING_RINGS, Bell, impatient_redis, ring_queue
from app.clock import wall_now
from app.db import EVERY_TENANT
from app.models import Message
from tests.support.environ import CLOSED, sandbox_names
from tests.support.house import ON_BOTH, House
from tests.support.redis import frozen
from tests.support.waiting import until
from tests.workers.answering import answer
from tests.workers.told import accepted, tell
from workers.drain import Drain
from workers.handlers import HANDLERS
from workers.sweep import Sweep

ROOT = Path(__file__).parents[2]
NOWHERE = CLOSED["REDIS_URL"]
POST = "/api/chat.postMessage"


def due(house: House) -> None:
    """One message that waits to be worked."""
    tell(house, "slack.paid", accepted(house))


def sweep(house: House) -> Sweep:
    """A sweep that does not wait to see whether somebody answers its ring."""
    return Sweep(house.runtime, house.drain, patience=0)


def until_status(house: House, status: str, seconds: float = 30) -> None:
    until(lambda: house.message("slack.paid").status == status, seconds)


def test_ring_is_answered(house: House, redis_url: str) -> None:
    house.runtime.database.bell = Bell(redis_url).ring
    due(house)
    waiting = ring_queue(impatient_redis(redis_url))
    until(lambda: waiting.count)

    answer(house, redis_url)

    until_status(house, "done")
    assert waiting.count == 0


def test_bell_rests_while_redis_is_away() -> None:
    bell = Bell(NOWHERE)

    for _ in range(20):
        bell.ring()
        time.sleep(0.01)

    assert 1 <= bell.failures <= 3


def test_rings_do_not_pile_up(redis_url: str) -> None:
    bell, waiting = Bell(redis_url), ring_queue(impatient_redis(redis_url))

    for _ in range(20):
        assert bell.ring_now(waiting)

    assert waiting.count == WAITING_RINGS


def test_ring_job_is_plain_json(redis_url: str) -> None:
    Bell(redis_url).ring_now(ring_queue(impatient_redis(redis_url)))

    with Redis.from_url(redis_url) as client:
        key = next(key for key in client.keys("rq:job:*"))
        data = client.hget(key, "data")
    assert isinstance(data, bytes)
    assert b"answer_ring" in zlib.decompress(data)
    assert isinstance(json.loads(zlib.decompress(data)), list)  # and never a pickle


def test_sweep_without_redis_drains_by_itself(house: House) -> None:
    due(house)

    sweep(house).look(ring_queue(impatient_redis(NOWHERE)))

    assert house.message("slack.paid").status == "done"


def test_sweep_whose_ring_nobody_answers_drains(house: House, redis_url: str) -> None:
    due(house)

    sweep(house).look(ring_queue(impatient_redis(redis_url)))

    assert house.message("slack.paid").status == "done"


def test_flushed_redis_loses_no_message(house: House, redis_url: str) -> None:
    waiting = ring_queue(impatient_redis(redis_url))
    due(house)
    Bell(redis_url).ring_now(waiting)
    with Redis.from_url(redis_url) as client:
        client.flushall()

    sweep(house).look(waiting)

    assert house.message("slack.paid").status == "done"


def test_sweep_with_nothing_due_rings_nobody(house: House, redis_url: str) -> None:
    waiting = ring_queue(impatient_redis(redis_url))

    sweep(house).look(waiting)

    assert waiting.count == 0


def test_frozen_redis_slows_no_request(house: House, redis_url: str) -> None:
    bell = Bell(redis_url)
    house.runtime.database.bell = bell.ring
    offers = house.view("5101")["offers"]
    body = {"recipientContactId": "1101", "shown": offers[0]["shown"]}
    request_id = "0a1b2c3d-0000-4000-8000-00000000abcd"

    with frozen(redis_url):
        began = time.perf_counter()
        answer = house.card("/deals/5101/proposals?lang=fr", {**body, "requestId": request_id})
        took = time.perf_counter() - began
        worked = house.drain.run()

    assert answer.status_code == 202
    assert took < 0.2
    assert worked


def test_frozen_redis_leaves_the_sweep_going(house: House, redis_url: str) -> None:
    due(house)

    with frozen(redis_url):
        sweep(house).look(ring_queue(impatient_redis(redis_url)))

    assert house.message("slack.paid").status == "done"


@ON_BOTH
def test_two_workers_on_one_message_post_once(house: House) -> None:
    for _ in range(6):
        due_again(house)
    both = [Drain(house.runtime, HANDLERS) for _ in range(2)]

    threads = [threading.Thread(target=one.run) for one in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(house.posts()) == 6
    assert {m.attempts for m in house.messages("slack.paid")} == {1}


def due_again(house: House) -> None:
    purchase = accepted(house)
    with house.runtime.database.writing(house.tenant_id) as session:
        messages.add(
            session,
            "slack.paid",
            str(purchase.id),
            payload={"proposal_id": purchase.proposal_id},
        )


def start_worker(house: House, redis_url: str) -> "subprocess.Popen[bytes]":
    """A worker process of its own."""
    names = sandbox_names(house.sandbox.url, house.sandbox.world.settings.smtp_url)
    settings = house.runtime.settings
    environ = {
        **os.environ,
        **CLOSED,
        **names,
        "DATABASE_URL": str(settings.database_url),
        "REDIS_URL": redis_url,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "workers"], cwd=ROOT, env=environ, start_new_session=True
    )


def kill_in_the_middle(house: House, redis_url: str) -> None:
    """A worker dies by SIGKILL while Slack is being asked."""
    house.fail("slack", path=POST, delay=1.5)
    due(house)
    Bell(redis_url).ring_now(ring_queue(impatient_redis(redis_url)))
    worker = start_worker(house, redis_url)
    until(lambda: f"POST {POST}" in house.calls("slack"), 30)
    worker.kill()
    worker.wait()


def test_dead_workers_message_is_taken_over(house: House, redis_url: str) -> None:
    kill_in_the_middle(house, redis_url)
    with house.runtime.database.writing(EVERY_TENANT) as session:
        past = wall_now() - timedelta(seconds=1)
        session.execute(update(Message).where(Message.status == "leased").values(lease_until=past))

    wait_for_the_slow_post(house)
    sweep(house).look(ring_queue(impatient_redis(NOWHERE)))

    message = house.message("slack.paid")
    assert (message.status, message.attempts, message.doubts) == ("done", 2, 1)
    assert len(house.posts()) == 1


def wait_for_the_slow_post(house: House) -> None:
    """What the dead worker had asked for still arrives."""
    until(house.posts)


@pytest.mark.long
def test_dead_workers_message_is_done_within_twenty_s(house: House, redis_url: str) -> None:
    kill_in_the_middle(house, redis_url)
    began = time.monotonic()
    worker = start_worker(house, NOWHERE)
    try:
        until_status(house, "done")
    finally:
        worker.kill()
        worker.wait()

    assert time.monotonic() - began < 25  # lease 15 s, sweep 5 s, and the start of a process
    assert len(house.posts()) == 1


def test_worker_without_redis_works_and_stops(house: House) -> None:
    due(house)
    worker = start_worker(house, NOWHERE)
    try:
        until_status(house, "done")
        worker.terminate()
        code = worker.wait(timeout=10)
    finally:
        worker.kill()
        worker.wait()

    assert code == 0
