"""Slack refuses this server's app: whoever runs it hears of it, and when Slack knows us again."""

from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from app.accounts.configuration import refused_configurations
from app.settings import Secret
from tests.support.house import House, moved_to
from tests.web.browsing import signed_in, words
from tests.web.test_slack_connection import allow, sent_to_slack

EXCHANGE = "/api/oauth.v2.access"
REFUSED = {"slack": "bad_client_secret"}


def refuse(house: House, times: int) -> None:
    body = {"ok": False, "error": "bad_client_secret"}
    house.fail("slack", path=EXCHANGE, status=200, body=body, times=times)


def add_to_slack(house: House) -> TestResponse:
    """Allow the bot in Slack, and come back."""
    client = signed_in(house)
    return client.get(allow(sent_to_slack(client)))


def refused(house: House) -> dict[str, str]:
    return house.read(refused_configurations)


def ready(house: House) -> tuple[int, dict[str, str]]:
    answer = house.app.test_client().get("/readyz")
    return answer.status_code, answer.get_json()["refused"]


def exchanges(house: House) -> int:
    return sum(EXCHANGE in call for call in house.calls("slack"))


def test_wrong_secret_is_the_servers_fault_and_said(house: House) -> None:
    refuse(house, times=1)

    page = add_to_slack(house)

    assert page.status_code == 422
    assert "Slack refuse l’accès de ce serveur" in words(page)
    assert ready(house) == (503, REFUSED)
    assert house.connection("slack").status == "connected"


def test_worker_asks_until_slack_knows_the_app(house: House) -> None:
    refuse(house, times=2)
    add_to_slack(house)

    house.settle()
    waiting = house.message("slack.try_app")
    between = ready(house)
    house.retry()

    assert (waiting.status, waiting.waits_for) == ("pending", "slack.configuration")
    assert between == (503, REFUSED)
    assert ready(house) == (200, {})
    assert house.message("slack.try_app").status == "done"


def test_exchange_that_works_ends_it_at_once(house: House) -> None:
    refuse(house, times=1)
    add_to_slack(house)

    answer = add_to_slack(house)

    assert answer.status_code == 303
    assert refused(house) == {}


def test_app_refused_twice_is_tried_by_one_message(house: House) -> None:
    refuse(house, times=2)
    add_to_slack(house)
    add_to_slack(house)

    house.settle()
    house.again("slack.try_app")

    assert len(house.messages("slack.try_app")) == 1
    assert refused(house) == {}


@pytest.mark.parametrize("fault", [{"status": 503}, {"cut": "before"}, {"cut": "after"}])
def test_slack_away_is_no_proof_that_it_knows_us(house: House, fault: dict[str, object]) -> None:
    refuse(house, times=1)
    add_to_slack(house)
    house.fail("slack", path=EXCHANGE, **fault)

    house.settle()
    between = refused(house)
    house.retry()

    assert between == REFUSED
    assert refused(house) == {}


def test_app_that_was_given_up_is_refused_no_more(house: House) -> None:
    refuse(house, times=1)
    add_to_slack(house)
    house.forget_calls()
    none = replace(house.runtime.settings, slack_client_id="", slack_client_secret=Secret(""))

    with moved_to(house, replace(house.runtime, settings=none)) as later:
        later.settle()

    assert refused(house) == {}
    assert exchanges(house) == 0
