"""Each Slack message: delivered, not repeated, tried again, given up; looked up when in doubt."""

import pytest

from app.models import Connection
from tests.support.house import House
from tests.workers.told import accepted, tell
from workers.handlers.slack import WORDS

KINDS = sorted(WORDS)
POST = "/api/chat.postMessage"


def posts_made(house: House) -> int:
    return house.calls("slack").count(f"POST {POST}")


@pytest.mark.parametrize("name", KINDS)
def test_slack_message_reaches_the_channel(house: House, name: str) -> None:
    tell(house, f"slack.{name}", accepted(house))

    house.drain.run()

    assert len(house.posts()) == 1
    assert house.posts()[0]["blocks"]
    assert house.calls("slack") == [f"POST {POST}"]
    assert house.message(f"slack.{name}").status == "done"


@pytest.mark.parametrize("name", KINDS)
def test_slack_message_told_again_is_posted_once(house: House, name: str) -> None:
    purchase = accepted(house)
    tell(house, f"slack.{name}", purchase)
    house.drain.run()

    tell(house, f"slack.{name}", purchase)
    house.drain.run()

    assert len(house.posts()) == 1


@pytest.mark.parametrize("name", KINDS)
def test_slack_limit_pauses_the_account(house: House, name: str) -> None:
    tell(house, f"slack.{name}", accepted(house))
    house.fail("slack", path=POST, status=429, headers={"Retry-After": "30"})
    house.drain.run()
    waiting = house.message(f"slack.{name}")
    tell(house, f"slack.{next(k for k in KINDS if k != name)}", accepted(house))
    house.drain.run()
    during = posts_made(house)

    house.hurry()
    house.drain.run()

    assert (waiting.status, during) == ("pending", 1)
    assert len(house.posts()) == 2


@pytest.mark.parametrize(("status", "awaited"), [("awaiting_method", True), ("paid", False)])
def test_acceptance_told_late_waits_for_no_method(
    house: House, status: str, *, awaited: bool
) -> None:
    tell(house, "slack.accepted", accepted(house, status))

    house.drain.run()

    assert ("moyen de paiement attendu" in house.posts()[0]["text"]) is awaited


@pytest.mark.parametrize("name", KINDS)
def test_slack_refusal_is_dead_and_shown(house: House, name: str) -> None:
    house.fail("slack", path=POST, status=200, body={"ok": False, "error": "invalid_blocks"})
    tell(house, f"slack.{name}", accepted(house))

    house.drain.run()

    assert house.message(f"slack.{name}").status == "dead"
    assert "invalid_blocks" in house.connection("slack").problem
    assert house.posts() == []


def test_next_post_clears_the_connections_problem(house: House) -> None:
    house.fail("slack", path=POST, status=200, body={"ok": False, "error": "invalid_blocks"})
    tell(house, "slack.paid", accepted(house))
    house.drain.run()
    problem = house.connection("slack").problem

    tell(house, "slack.accepted", accepted(house))
    house.drain.run()

    assert problem
    assert house.connection("slack").problem == ""


@pytest.mark.parametrize(("cut", "calls"), [("before", 2), ("after", 1)])
def test_lost_answer_is_looked_up_first(house: House, cut: str, calls: int) -> None:
    tell(house, "slack.paid", accepted(house))
    house.fail("slack", path=POST, cut=cut)
    house.drain.run()

    house.hurry()
    house.drain.run()

    assert len(house.posts()) == 1
    assert posts_made(house) == calls
    assert any("conversations.history" in call for call in house.calls("slack"))
    assert house.message("slack.paid").status == "done"


def test_server_error_after_the_post_makes_no_second(house: House) -> None:
    tell(house, "slack.paid", accepted(house))
    house.fail("slack", path=POST, cut="after", times=3)
    for _ in range(4):
        house.hurry()
        house.drain.run()

    assert len(house.posts()) == 1


def test_without_slack_nobody_is_told_there(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        session.get_one(Connection, house.connection("slack").id).sealed = ""
    tell(house, "slack.paid", accepted(house))

    house.drain.run()

    assert house.message("slack.paid").status == "ignored"
