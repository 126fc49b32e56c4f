"""A process that stood still while another took its message over mails and posts nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from app import messages
from app.db import EVERY_TENANT
from app.models import Message
from tests.support.house import House
from tests.workers.told import accepted, tell
from workers.attempt import Attempt
from workers.handlers import HANDLERS


@pytest.mark.parametrize(
    ("house_database", "kind"),
    [
        ("sqlite", "slack.accepted"),
        ("postgresql", "email.rep_accepted"),
        pytest.param("sqlite", "email.rep_accepted", marks=pytest.mark.long),
        pytest.param("postgresql", "slack.accepted", marks=pytest.mark.long),
    ],
    indirect=["house_database"],
)
def test_message_of_another_attempt_is_left_alone(house: House, kind: str) -> None:
    tell(house, kind, accepted(house))
    before = (len(house.mails()), len(house.posts()))
    [claimed] = messages.claim(house.runtime.database, 1)
    with house.runtime.database.writing(EVERY_TENANT) as session:
        session.execute(update(Message).where(Message.id == claimed.id).values(attempts=2))

    Attempt(house.runtime, HANDLERS, claimed).make()

    assert (len(house.mails()), len(house.posts())) == before
    assert house.message(kind).status == "leased"
