"""Is the process up, and is the product well? The first for load balancers, the second for people.

A load balancer asks `/healthz`: this process answers, whatever stands still behind it. Were it to
ask `/readyz`, late workers or a database that is away would take every web host out at once.
"""

from datetime import timedelta

from flask import Blueprint, Response, jsonify
from redis.exceptions import RedisError
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from app.accounts.configuration import refused_configurations
from app.bell import impatient_redis
from app.claims.turns import due_since
from app.db import EVERY_TENANT, database_now
from app.models.messages import DEAD, Message
from app.patience import answered_within
from app.settings import Settings
from app.web.auth import open_to
from app.web.runtime import runtime

blueprint = Blueprint("health", __name__)
OLDEST_WELL = timedelta(minutes=30)
# Redis takes 0.25 s more at most, so the answer comes within a second.
PATIENCE_SECONDS = 0.5


@blueprint.get("/healthz")
@open_to("everybody")
def alive() -> Response:
    return jsonify(status="ok")


@blueprint.get("/readyz")
@open_to("everybody")
def ready() -> tuple[Response, int]:
    """For monitoring: 503 where a person must act.

    That is: no database, messages that have been due for long, or a vendor that refuses what this
    server is to it (`refused`, by vendor, with its code).
    Shown beside `database` and `oldest_open_seconds`, and no failure: `redis` (the sweep works
    without it) and `dead_letters`, which wait for a person: `./propale messages`.
    """
    age, dead, refused, database = _look()
    well = database == "ok" and (age is None or age < OLDEST_WELL.total_seconds()) and not refused
    answer = jsonify(
        status="ok" if well else "unwell",
        database=database,
        redis="ok" if redis_answers(runtime().settings) else "away",
        oldest_open_seconds=age,
        dead_letters=dead,
        refused=refused,
    )
    return answer, 200 if well else 503


def _look() -> tuple[float | None, int | None, dict[str, str] | None, str]:
    """Seconds since the oldest due message became due, dead letters, refusals; the database."""
    try:
        with answered_within(PATIENCE_SECONDS), runtime().database.reading(EVERY_TENANT) as session:
            now = database_now(session)
            since = due_since(session, now)
            refused = refused_configurations(session)
            dead = session.scalar(select(func.count()).select_from(Message).where(DEAD)) or 0
    except (DBAPIError, NoConnectionError):
        return None, None, None, "away"
    age = round((now - since).total_seconds(), 3) if since else None
    return age, dead, refused, "ok"


def redis_answers(settings: Settings) -> bool:
    """Whether it answers within 0.25 s."""
    try:
        with impatient_redis(settings.redis_url) as redis:
            redis.ping()
    except (RedisError, OSError):
        return False
    return True
