"""The workers: somebody answers our rings, and nothing waits for long or for a person."""

import time
from collections.abc import Iterator
from datetime import timedelta

from redis.exceptions import RedisError
from sqlalchemy import exists, func, select

from app.bell import impatient_redis, ring_queue
from app.claims.lanes import LEASED
from app.claims.turns import due_since
from app.db import EVERY_TENANT, database_now
from app.doctor.check import Check, ok, unseen, wrong
from app.models.messages import DEAD, Message
from app.runtime import Runtime

PATIENCE_SECONDS = 10.0
LOOK_SECONDS = 0.1
LATE = timedelta(minutes=5)


def look_at_workers(runtime: Runtime) -> Iterator[Check]:
    yield look_for_worker(runtime)
    yield look_at_waiting(runtime)
    yield look_at_dead_letters(runtime)


def look_for_worker(runtime: Runtime, patience: float = PATIENCE_SECONDS) -> Check:
    """Ring once, which has a worker look for messages, and see whether the ring is taken.

    A worker that has work in hand takes no ring, but it holds leases.
    """
    name, queue = "workers.alive", ring_queue(impatient_redis(runtime.settings.redis_url))
    started = time.monotonic()
    if not runtime.bell.ring_now(queue):
        return unseen(name, "unseen")
    while time.monotonic() < started + patience:
        try:
            if queue.count == 0 or _somebody_works(runtime):
                return ok(name, seconds=round(time.monotonic() - started, 1))
        except (RedisError, OSError):
            return unseen(name, "unseen")
        time.sleep(LOOK_SECONDS)
    return wrong(name, "away", seconds=round(patience))


def _somebody_works(runtime: Runtime) -> bool:
    with runtime.database.reading(EVERY_TENANT) as session:
        living = (Message.status == LEASED) & (Message.lease_until > database_now(session))
        return bool(session.scalar(select(exists().where(living))))


def look_at_waiting(runtime: Runtime) -> Check:
    """Nothing that is due waits for long."""
    name = "workers.waiting"
    with runtime.database.reading(EVERY_TENANT) as session:
        now = database_now(session)
        since = due_since(session, now)
    waited = now - since if since else timedelta(0)
    values = {"minutes": int(waited.total_seconds() // 60)}
    return wrong(name, "late", **values) if waited > LATE else ok(name)


def look_at_dead_letters(runtime: Runtime) -> Check:
    """No message was given up and waits for a person."""
    name = "workers.dead_letters"
    with runtime.database.reading(EVERY_TENANT) as session:
        number = session.scalar(select(func.count()).select_from(Message).where(DEAD)) or 0
    return wrong(name, "some", number=number) if number else ok(name)
