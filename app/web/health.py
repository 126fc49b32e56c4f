"""Is the process up, and is the product well? For load balancers and people."""

from datetime import timedelta

from flask import Blueprint, Response, jsonify
from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from app.bell import impatient_redis
from app.db import EVERY_TENANT, database_now
from app.patience import answered_within
from app.turns import due_since
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
    """`database`, `redis`, `oldest_open_seconds`; 503 without a database or with old messages.

    Redis missing is shown and is no failure: the sweep works without it.
    """
    age, database = _oldest_open()
    well = database == "ok" and (age is None or age < OLDEST_WELL.total_seconds())
    answer = jsonify(
        status="ok" if well else "unwell",
        database=database,
        redis=_redis(),
        oldest_open_seconds=age,
    )
    return answer, 200 if well else 503


def _oldest_open() -> tuple[float | None, str]:
    """Seconds since the oldest due message became due, and the database's state."""
    try:
        with answered_within(PATIENCE_SECONDS), runtime().database.reading(EVERY_TENANT) as session:
            now = database_now(session)
            since = due_since(session, now)
            return (round((now - since).total_seconds(), 3) if since else None), "ok"
    except (DBAPIError, NoConnectionError):
        return None, "away"


def _redis() -> str:
    try:
        with impatient_redis(runtime().settings.redis_url) as redis:
            redis.ping()
    except (RedisError, OSError):
        return "away"
    return "ok"
