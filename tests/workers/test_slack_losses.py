"""A channel that takes nothing more: said on the page, told the owner once, mended exactly once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import requests
from sqlalchemy import select

from app.accounts.channels import CHANNELS
from app.models import Connection, TeamChannel
from sandbox.slack.teams import channels, messages
from tests.support.house import House
from tests.workers.test_reconcile_nightly import tonight
from tests.workers.told import accepted, tell

OWNER = "bonjour@maison.example"
VENTES = "C0VENTES"


def press(house: House, button: str) -> None:
    """Press a button of the team's window on the channel in use."""
    window = f"{house.sandbox.world.settings.slack_app_base}/client/{house.account.team}"
    requests.post(f"{window}/{VENTES}/{button}", timeout=5).raise_for_status()


def make_private(house: House, *, member: bool) -> None:
    table = channels(house.sandbox.world, house.account.team)
    table[VENTES] = {**table[VENTES], "is_private": True, "is_member": member}


Step = Callable[[House], None]
LOSSES: dict[str, tuple[Step, Step, str]] = {
    "archived": (
        lambda house: press(house, "archive"),
        lambda house: press(house, "archive"),
        "Le canal est archivé",
    ),
    "kicked": (
        lambda house: press(house, "remove"),
        lambda house: press(house, "invite"),
        "/invite @Propale",
    ),
    "hidden": (
        lambda house: make_private(house, member=False),
        lambda house: make_private(house, member=True),
        "il est privé et le bot n’y est pas",
    ),
    "restricted": (
        lambda house: press(house, "read-only"),
        lambda house: press(house, "read-only"),
        "réservé à certaines personnes",
    ),
}
any_loss = pytest.mark.parametrize("loss", LOSSES)


def row(house: House) -> TeamChannel:
    ours = select(TeamChannel).where(TeamChannel.slack_channel_id == VENTES)
    return house.read(lambda session: session.scalars(ours).one())


def read_channels(house: House, fact: str) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        CHANNELS.ask(session, fact)
    house.settle()


@any_loss
def test_messages_wait_and_the_owner_is_told_once(house: House, loss: str) -> None:
    lose, _, words = LOSSES[loss]
    lose(house)
    tell(house, "slack.accepted", accepted(house))
    tell(house, "slack.paid", accepted(house))

    house.settle()
    house.retry()

    assert {m.status for m in house.messages("slack.accepted") + house.messages("slack.paid")} == {
        "pending"
    }
    [mail] = house.mails(OWNER)
    assert "#ventes" in mail["subject"]
    assert words in mail["text"]
    assert house.connection("slack").status == "connected"


@any_loss
def test_waiting_messages_go_once_when_it_is_mended(house: House, loss: str) -> None:
    lose, mend, _ = LOSSES[loss]
    lose(house)
    tell(house, "slack.accepted", accepted(house))
    tell(house, "slack.paid", accepted(house))
    house.settle()

    mend(house)
    house.retry()
    house.settle()

    assert len(house.posts()) == 2
    assert row(house).trouble == ""
    assert house.open_errors() == []


def test_first_post_that_goes_through_wakes_the_others(house: House) -> None:
    press(house, "archive")
    tell(house, "slack.accepted", accepted(house))
    house.settle()
    press(house, "archive")

    tell(house, "slack.paid", accepted(house))
    house.settle()

    assert len(house.posts()) == 2


def test_lost_answer_before_the_loss_makes_no_second_post(house: House) -> None:
    tell(house, "slack.paid", accepted(house))
    house.fail("slack", path="/api/chat.postMessage", cut="after")
    house.drain.run()
    press(house, "remove")
    house.hurry()
    house.drain.run()

    press(house, "invite")
    house.retry()
    house.settle()

    assert len(house.posts()) == 1
    assert house.message("slack.paid").status == "done"


def test_second_loss_is_told_again(house: House) -> None:
    for fact in ("first", "second"):
        press(house, "archive")
        read_channels(house, f"{fact} loss")
        press(house, "archive")
        read_channels(house, f"{fact} repair")

    assert len(house.mails(OWNER)) == 2


@pytest.mark.parametrize("loss", ["archived", "kicked", "hidden"])
def test_reading_the_channels_finds_a_loss_and_its_end(house: House, loss: str) -> None:
    lose, mend, _ = LOSSES[loss]
    lose(house)
    read_channels(house, "lost")
    lost = row(house).trouble
    mend(house)

    read_channels(house, "mended")

    assert (bool(lost), row(house).trouble) == (True, "")
    assert len(house.mails(OWNER)) == 1


def test_reading_the_channels_ends_no_restriction(house: House) -> None:
    press(house, "read-only")
    tell(house, "slack.paid", accepted(house))
    house.settle()

    read_channels(house, "read")

    assert row(house).trouble == "restricted_action_read_only_channel"


def test_channels_are_kept_for_the_choice(house: House) -> None:
    table = channels(house.sandbox.world, house.account.team)
    for number in range(150):
        table[f"C{number}"] = {**table["C0GENERAL"], "id": f"C{number}", "name": f"c-{number}"}

    read_channels(house, "read")

    kept = house.read(lambda session: {c.name: c for c in session.query(TeamChannel)})
    assert len(kept) == 152
    assert kept["ventes"].is_member
    assert not {"direction", "anciens-projets"} & kept.keys()


def test_revoked_token_is_found_by_reading(house: House) -> None:
    window = f"{house.sandbox.world.settings.slack_app_base}/client/{house.account.team}"
    requests.post(f"{window}/revoke", timeout=5)

    read_channels(house, "read")

    assert house.connection("slack").status == "reconnect_needed"
    assert "révoqué dans Slack" in house.connection("slack").problem
    assert len(house.mails(OWNER)) == 1


def test_mail_about_a_channel_mended_meanwhile_is_not_sent(house: House) -> None:
    tell(house, "email.owner_channel", accepted(house), channel_id=VENTES)

    house.settle()

    assert house.mails(OWNER) == []
    assert house.message("email.owner_channel").status == "ignored"


def test_loss_is_found_in_the_night(house: House) -> None:
    press(house, "archive")

    tonight(house)

    assert row(house).trouble == "is_archived"
    assert ["#ventes" in mail["subject"] for mail in house.mails(OWNER)] == [True]


def choose(house: House, channel: str) -> None:
    """Let messages go there without asking Slack, as the preferences do."""
    with house.runtime.database.writing(house.tenant_id) as session:
        connection = session.get_one(Connection, house.connection("slack").id)
        connection.details = {"channel_id": channel, "channel_name": "général"}


def posted(house: House, channel: str) -> int:
    return len(messages(house.sandbox.world, house.account.team, channel))


def test_lost_answer_is_looked_for_where_messages_went_before(house: House) -> None:
    tell(house, "slack.paid", accepted(house))
    house.fail("slack", path="/api/chat.postMessage", cut="after")
    house.drain.run()
    before = posted(house, VENTES)
    choose(house, "C0GENERAL")

    house.hurry()
    house.drain.run()

    assert posted(house, VENTES) == before
    assert posted(house, "C0GENERAL") == 0
    assert house.message("slack.paid").status == "done"


def test_new_public_channel_is_entered_by_itself(house: House) -> None:
    choose(house, "C0GENERAL")
    tell(house, "slack.paid", accepted(house))

    house.settle()

    assert posted(house, "C0GENERAL") == 1
    assert house.mails(OWNER) == []


def test_new_public_channel_is_entered_when_it_is_read(house: House) -> None:
    choose(house, "C0GENERAL")

    read_channels(house, "chosen")

    assert channels(house.sandbox.world, house.account.team)["C0GENERAL"]["is_member"]
    assert house.mails(OWNER) == []
