"""The doctor at Slack's side: our app's client id and secret."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.doctor import slack
from app.doctor.check import Check, State
from app.doctor.walk import look_at_vendors
from app.settings import Secret
from tests.support.doctor import is_red, only
from tests.support.house import House

NOBODY = "http://127.0.0.1:9"


def looked_at(house: House, **settings: Any) -> Check:
    return slack.look_at_app(replace(house.runtime.settings, **settings))


def test_app_that_slack_knows_is_well(house: House) -> None:
    assert looked_at(house).state is State.OK


@pytest.mark.parametrize(
    ("wrong", "said", "advice"),
    [
        ({"slack_client_id": "1.2"}, "(invalid_client_id)", "Copy both from the app"),
        ({"slack_client_secret": Secret("old")}, "(bad_client_secret)", "Copy both from the app"),
        ({"slack_api_base": NOBODY}, f"does not answer at {NOBODY}", "Let this server reach"),
    ],
)
def test_app_that_slack_does_not_know_is_red(
    house: House, wrong: dict[str, Any], said: str, advice: str
) -> None:
    assert is_red(looked_at(house, **wrong), said, advice)


def test_nobody_has_to_have_an_app(house: House) -> None:
    none = looked_at(house, slack_client_id="", slack_client_secret=Secret(""))

    assert none.state is State.UNSEEN
    assert none.said("fr") != none.said("en")


def test_app_is_looked_at_with_the_connections(house: House) -> None:
    checks = list(look_at_vendors(house.runtime, language="en"))

    assert only(checks, "connections.app").state is State.OK
    assert only(checks, "connections.slack").state is State.OK
