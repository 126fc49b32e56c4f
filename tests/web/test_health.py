"""Is it up, and is it well: for load balancers and people."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app import create_app
from app.clock import wall_now
from app.db import EVERY_TENANT, Database
from app.models import Message
from app.settings import Secret
from tests.support.environ import CLOSED
from tests.support.house import House
from tests.workers.told import accepted, tell


def ready(house: House) -> tuple[int, dict[str, object]]:
    answer = house.app.test_client().get("/readyz")
    return answer.status_code, answer.get_json()


def test_alive_is_ok(house: House) -> None:
    answer = house.app.test_client().get("/healthz")

    assert (answer.status_code, answer.get_json()["status"]) == (200, "ok")


def test_ready_without_redis_is_ready(house: House) -> None:
    status, body = ready(house)

    assert status == 200
    assert body["database"] == "ok"
    assert body["redis"] == "away"
    assert body["oldest_open_seconds"] is None


def test_ready_with_redis_says_so(house: House, redis_url: str) -> None:
    settings = replace(house.runtime.settings, redis_url=Secret(redis_url))
    app = create_app(settings, replace(house.runtime, settings=settings))

    assert app.test_client().get("/readyz").get_json()["redis"] == "ok"


@pytest.mark.parametrize(("minutes", "status"), [(1, 200), (31, 503)])
def test_old_open_message_is_unwell(house: House, minutes: int, status: int) -> None:
    tell(house, "slack.paid", accepted(house))
    with house.runtime.database.writing(EVERY_TENANT) as session:
        row = session.query(Message).filter(Message.kind == "slack.paid").one()
        row.available_at = wall_now() - timedelta(minutes=minutes)

    code, body = ready(house)

    oldest = body["oldest_open_seconds"]
    assert code == status
    assert isinstance(oldest, float)
    assert minutes * 60 <= oldest < minutes * 60 + 60


def test_database_away_is_unwell_and_alive(house: House) -> None:
    database = Database(CLOSED["DATABASE_URL"])
    client = create_app(
        house.runtime.settings, replace(house.runtime, database=database)
    ).test_client()

    unwell, alive = client.get("/readyz"), client.get("/healthz")

    assert (unwell.status_code, unwell.get_json()["database"]) == (503, "away")
    assert alive.status_code == 200
