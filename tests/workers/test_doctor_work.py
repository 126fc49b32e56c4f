"""The doctor at the secrets and the workers of a house that sells."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from app import messages
from app.bell import impatient_redis, ring_queue
from app.clock import wall_now
from app.doctor import secrets, workers
from app.doctor.check import State
from app.models import Message
from app.seal import Sealer
from app.settings import Settings
from tests.support.doctor import LIVE, is_red
from tests.support.house import House
from tests.support.waiting import until
from tests.workers.answering import answer


def keys(**changed: str) -> Settings:
    return Settings.from_env({**LIVE, **changed})


def test_random_keys_are_well() -> None:
    assert secrets.look_at_strength(keys()).state is State.OK


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"SECRET_KEY": "aaaabbbbccccddddaaaabbbbccccdddd"}, "SECRET_KEY holds a key that is easy"),
        ({"ENCRYPTION_KEYS": f"{LIVE['ENCRYPTION_KEYS']},{'0123' * 8}"}, "ENCRYPTION_KEYS holds"),
        ({"SECRET_KEY": LIVE["ENCRYPTION_KEYS"]}, "ENCRYPTION_KEYS and SECRET_KEY hold the same"),
        ({"HUBSPOT_CLIENT_SECRET": LIVE["SECRET_KEY"]}, "SECRET_KEY and HUBSPOT_CLIENT_SECRET"),
    ],
)
def test_key_that_can_be_guessed_is_red(changed: dict[str, str], said: str) -> None:
    assert is_red(secrets.look_at_strength(keys(**changed)), said, "./propale keys new")


def test_key_that_was_taken_away_is_red(house: House) -> None:
    house.sent()
    rotated = replace(house.runtime, sealer=Sealer("another-key-that-opens-none-of-it"))

    assert secrets.look_at_sealed(house.runtime).state is State.OK
    assert is_red(
        secrets.look_at_sealed(rotated), "open with none of our keys: conn", "Add the key"
    )


def test_worker_that_takes_the_ring_is_seen(house: House, redis_url: str) -> None:
    with ThreadPoolExecutor() as doctor:
        looking = doctor.submit(workers.look_for_worker, house.runtime)
        until(lambda: ring_queue(impatient_redis(redis_url)).count)
        answer(house, redis_url)

    assert (looking.result().name, looking.result().state) == ("workers.alive", State.OK)


@pytest.mark.usefixtures("redis_url")
def test_nobody_who_takes_the_ring_is_red(house: House) -> None:
    check = workers.look_for_worker(house.runtime, patience=0.3)

    assert is_red(check, "No worker took our ring", "Start one")


@pytest.mark.usefixtures("redis_url")
def test_worker_with_work_in_hand_is_seen_at_its_lease(house: House) -> None:
    add_message(house, status="leased", lease_until=wall_now() + timedelta(seconds=15))

    assert workers.look_for_worker(house.runtime, patience=0.3).state is State.OK


def test_without_redis_nobody_knows(house: House) -> None:
    assert workers.look_for_worker(house.runtime).state is State.UNSEEN


def test_message_that_waits_is_red(house: House) -> None:
    assert workers.look_at_waiting(house.runtime).state is State.OK
    add_message(house, available_at=wall_now() - timedelta(minutes=20))

    assert is_red(
        workers.look_at_waiting(house.runtime), "due for 20 minutes", "./propale messages"
    )


def test_dead_letter_is_red(house: House) -> None:
    assert workers.look_at_dead_letters(house.runtime).state is State.OK
    add_message(house, status="dead", finished_at=wall_now())

    assert is_red(
        workers.look_at_dead_letters(house.runtime), "for a person: 1", "./propale messages"
    )


def add_message(house: House, **values: object) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        messages.add(session, "slack.paid", "1", payload={})
        session.flush()
        row = session.query(Message).order_by(Message.id.desc()).first()
        for name, value in values.items():
            setattr(row, name, value)
