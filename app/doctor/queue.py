"""Redis or Valkey: lets us in, is new enough, takes our rings; its clock beside the others."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from redis import Redis
from redis.exceptions import AuthenticationError, ReadOnlyError, RedisError, ResponseError

from app.bell import impatient_redis, ring_queue
from app.clock import wall_now
from app.db import EVERY_TENANT, Database, database_now
from app.doctor.check import Check, ok, unseen, wrong

OLDEST_REDIS = 7
FURTHEST_APART = timedelta(seconds=5)
PROBE = "propale:doctor"


def look_at_redis(url: str) -> Iterator[Check]:
    """The server and its version, then the queue of rings."""
    name = "server.redis"
    try:
        redis = impatient_redis(url)
        version = str(redis.info("server").get("redis_version", ""))
    except (AuthenticationError, ResponseError) as error:
        yield wrong(name, "refused", words=str(error))
        return
    except (RedisError, OSError, ValueError):
        yield wrong(name, "away")
        return
    values = {"version": version, "oldest": OLDEST_REDIS}
    old = int(version.partition(".")[0]) < OLDEST_REDIS
    yield wrong(name, "old", **values) if old else ok(name, **values)
    yield _look_at_queue(redis)


def _look_at_queue(redis: "Redis") -> Check:
    """A value goes in and comes out, and the queue can be counted."""
    name = "server.queue"
    try:
        redis.set(PROBE, "1", ex=10)
        redis.delete(PROBE)
        return ok(name, waiting=ring_queue(redis).count)
    except ReadOnlyError:
        return wrong(name, "read_only")
    except (RedisError, OSError) as error:
        return wrong(name, "refused", words=str(error))


def read_clocks(database: Database, redis_url: str) -> dict[str, timedelta]:
    """How far the clocks of PostgreSQL and of Redis are ahead of this machine's."""
    ahead = {}
    before = wall_now()
    with database.reading(EVERY_TENANT) as session:
        ahead["PostgreSQL"] = database_now(session) - _middle(before)
    before = wall_now()
    try:
        seconds, microseconds = impatient_redis(redis_url).time()
    except (RedisError, OSError, ValueError):
        return ahead  # it is away, which another check says
    told = datetime.fromtimestamp(seconds, UTC) + timedelta(microseconds=microseconds)
    return {**ahead, "Redis": told - _middle(before)}


def compare_clocks(ahead: Mapping[str, timedelta]) -> Check:
    """Leases and signatures need clocks that agree within seconds."""
    name = "server.clock"
    if not ahead:
        return unseen(name, "unseen")
    furthest, by = max(ahead.items(), key=lambda clock: abs(clock[1]))
    values = {"whose": furthest, "seconds": round(abs(by.total_seconds()), 1)}
    return ok(name, **values) if abs(by) <= FURTHEST_APART else wrong(name, "apart", **values)


def _middle(before: datetime) -> datetime:
    return before + (wall_now() - before) / 2
