"""Slack disconnected by us: its token given back once and forgotten, what waited for it ends."""

import pytest
from sqlalchemy import select

from app.accounts.leave_slack import leave_slack
from app.audit import Who
from app.models import AuditEntry, TeamChannel
from sandbox.slack.teams import channels, tokens
from tests.support.house import FIRST, House
from tests.web.browsing import post_form, signed_in

DANA = Who("dana@maison.example (7001)")


def leave(house: House) -> None:
    leave_slack(house.runtime.database, house.tenant_id, DANA)
    house.settle()


def asked_to_revoke(house: House) -> int:
    return sum("auth.revoke" in call for call in house.calls("slack"))


def is_good(house: House) -> bool:
    return bool(tokens(house.sandbox.world)[FIRST.slack_token]["scopes"])


def test_token_is_given_back_and_forgotten(house: House) -> None:
    leave(house)

    row = house.connection("slack")
    assert (row.status, row.sealed, row.account_id, row.details) == ("disconnected", "", "", {})
    assert not is_good(house)
    assert house.read(lambda session: session.scalars(select(TeamChannel)).all()) == []


def test_leaving_slack_is_written_down(house: House) -> None:
    leave(house)

    entry = house.read(
        lambda s: s.scalars(select(AuditEntry).where(AuditEntry.what == "slack.left")).one()
    )
    assert (entry.who, entry.before["account"]) == (DANA.name, FIRST.team)


def test_asked_twice_slack_hears_once(house: House) -> None:
    leave_slack(house.runtime.database, house.tenant_id, DANA)
    leave(house)
    house.again("slack.leave")

    assert asked_to_revoke(house) == 1
    assert len(house.messages("slack.leave")) == 1


@pytest.mark.parametrize("fault", [{"status": 503}, {"cut": "before"}, {"cut": "after"}])
def test_slack_away_hears_later(house: House, fault: dict[str, object]) -> None:
    house.fail("slack", path="*/auth.revoke", **fault)
    leave(house)
    waiting = house.connection("slack").status

    house.retry()

    assert waiting == "leaving"
    assert house.connection("slack").status == "disconnected"
    assert not is_good(house)


def test_token_that_is_over_is_forgotten_all_the_same(house: House) -> None:
    tokens(house.sandbox.world)[FIRST.slack_token] = {"team": FIRST.team, "scopes": None}

    leave(house)

    assert house.connection("slack").status == "disconnected"
    assert house.messages("email.owner_reconnect") == []


def test_refused_revocation_is_said_and_the_token_forgotten(house: House) -> None:
    house.fail("slack", path="*/auth.revoke", status=200, body={"ok": False, "error": "odd"})

    leave(house)

    row = house.connection("slack")
    assert (row.status, row.sealed) == ("disconnected", "")
    assert row.problem != ""


def test_what_waited_for_slack_ends(house: House) -> None:
    table = channels(house.sandbox.world, FIRST.team)
    table["C0VENTES"] = {**table["C0VENTES"], "is_archived": True}
    house.buy("5101")
    waiting = house.message("slack.accepted").waits_for

    leave(house)

    ended = house.message("slack.accepted")
    assert waiting == "slack.blocked"
    assert (ended.status, ended.last_error) == ("ignored", "Slack is not connected")


def test_slack_added_meanwhile_is_kept(house: House) -> None:
    leave_slack(house.runtime.database, house.tenant_id, DANA)
    post_form(signed_in(house), "/connections/slack", token=FIRST.slack_token)

    house.settle()

    assert house.connection("slack").status == "connected"
    assert house.message("slack.leave").status == "ignored"
    assert is_good(house)
