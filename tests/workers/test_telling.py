"""Who is told of what: as the tenant chose, each once, and not in the quiet hours."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.accounts.channels import channel_for, channels_used, forget_channels
from app.accounts.notices import DEFAULTS, IN_SLACK, Rule, all_rules, change_rules
from app.accounts.preferences.chosen import chosen_zone
from app.accounts.preferences.form import FormError
from app.accounts.preferences.sections import save_section
from app.audit import US
from app.billing.reminders import add_due_reminders
from app.clock import wall_now
from app.models import Message
from app.proposals.close import decline_proposal
from app.proposals.telling import tell
from sandbox.slack.teams import channels
from sandbox.slack.teams import messages as slack_messages
from tests.support.house import House
from tests.workers.told import accepted

REP, OWNER = "dana@maison.example", "bonjour@maison.example"


def choose(house: House, event: str, **rule: Any) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        change_rules(session, {event: Rule(**rule)})


def told_of(house: House, event: str) -> list[str]:
    """Who got a mail of this event, and how many posts there were."""
    kinds = {f"email.rep_{event}", f"slack.{event}"}
    rows = house.read(lambda session: session.query(Message).order_by(Message.id).all())
    return [
        row.payload.get("copy_to", "rep") if row.provider == "email" else "slack"
        for row in rows
        if row.kind in kinds
    ]


def happen(house: House, event: str, times: int = 1) -> None:
    """The event, reported so often."""
    purchase = accepted(
        house, {"failed": "failed", "renewal_failed": "past_due"}.get(event, "paid")
    )
    for _ in range(times):
        with house.runtime.database.writing(house.tenant_id) as session:
            tell(session, event, str(purchase.id), {"proposal_id": purchase.proposal_id})


@pytest.mark.parametrize("event", DEFAULTS)
def test_without_a_choice_the_defaults_apply(house: House, event: str) -> None:
    happen(house, event)

    rule = DEFAULTS[event]
    assert told_of(house, event) == ["slack"] * rule.to_slack + ["rep"] * rule.to_rep


@pytest.mark.parametrize("event", DEFAULTS)
def test_everybody_chosen_is_told_once(house: House, event: str) -> None:
    choose(house, event, to_owner=True, others=("cfo@maison.example",), to_slack=True)

    happen(house, event, times=2)

    slack = ["slack"] * (event in IN_SLACK)
    assert told_of(house, event) == [*slack, "rep", OWNER, "cfo@maison.example"]


@pytest.mark.parametrize("event", DEFAULTS)
def test_nobody_chosen_is_nobody_told(house: House, event: str) -> None:
    choose(house, event, to_rep=False)

    happen(house, event)

    assert told_of(house, event) == []


def test_copy_is_the_reps_mail_without_her_name(house: House) -> None:
    choose(house, "declined", to_owner=True, others=("cfo@maison.example",))
    proposal = house.send("5101")

    with house.runtime.database.writing(house.tenant_id) as session:
        proposal = session.merge(proposal)
        now = house.runtime.clock.now()
        decline_proposal(session, proposal, version=1, reason="Trop cher", now=now)
    house.settle()

    mails = {mail["to"][0]: mail for mail in house.mails() if "Déclinée" in mail["subject"]}
    greeted = f"Bonjour {proposal.document['rep']['name']}"
    assert set(mails) == {proposal.rep_email, OWNER, "cfo@maison.example"}
    assert all("Trop cher" in mail["text"] for mail in mails.values())
    assert [to for to, mail in mails.items() if greeted in mail["text"]] == [proposal.rep_email]


def test_address_told_already_gets_no_copy(house: House) -> None:
    choose(house, "paid", to_owner=True, others=(OWNER.upper(), REP, "a@b.example", "a@b.example"))

    happen(house, "paid")

    assert told_of(house, "paid") == ["rep", OWNER, "a@b.example"]


def test_whole_flow_tells_what_was_chosen(house: House) -> None:
    choose(house, "sent", to_rep=False, others=("cfo@maison.example",), to_slack=True)
    choose(house, "accepted", to_rep=False)

    house.buy("5101")

    titles = [post["text"] for post in house.posts()]
    assert len(titles) == 2
    assert "est partie chez" in titles[0]
    assert "s’abonne" in titles[1]
    assert [mail["to"] for mail in house.mails("cfo@maison.example")] == [["cfo@maison.example"]]
    assert not any("Acceptée" in mail["subject"] for mail in house.mails())


def test_event_with_a_channel_of_its_own_is_posted_there(house: House) -> None:
    world = house.sandbox.world
    rooms = channels(world, "T0SANDBOX")
    rooms["C0GENERAL"] = {**rooms["C0GENERAL"], "is_member": True}
    choose(house, "paid", to_slack=True, channel_id="C0GENERAL")

    happen(house, "paid")
    house.settle()

    assert len(list(slack_messages(world, "T0SANDBOX", "C0GENERAL").values())) == 1
    assert house.posts() == []
    assert house.read(channels_used) == {"C0VENTES", "C0GENERAL"}


def test_another_workspace_has_none_of_the_channels(house: House) -> None:
    choose(house, "paid", to_slack=True, channel_id="C0GENERAL")

    with house.runtime.database.writing(house.tenant_id) as session:
        forget_channels(session)

    assert house.read(lambda session: channel_for(session, "slack.paid")) == "C0VENTES"


# Quiet hours.


def make_quiet(house: House) -> None:
    """They are on now, and for hours to come."""
    hours = {"quiet_from": clock(house, -1), "quiet_until": clock(house, 3)}
    save_section(house.runtime.database, house.tenant_id, "quiet", hours, "fr", who=US)


def clock(house: House, hours: int) -> str:
    zone = house.read(chosen_zone)
    return f"{(wall_now() + timedelta(hours=hours)).astimezone(zone):%H:%M}"


def hours_to_wait(house: House, kind: str) -> float:
    left = house.message(kind).available_at - wall_now()
    return round(left.total_seconds() / 3600)


@pytest.mark.parametrize("event", DEFAULTS)
def test_team_waits_for_the_morning_unless_money_is_lost(house: House, event: str) -> None:
    make_quiet(house)
    choose(house, event, to_slack=True)

    happen(house, event)

    never = event in {"failed", "renewal_failed"}
    assert hours_to_wait(house, f"email.rep_{event}") == (0 if never else 3)
    if event in IN_SLACK:
        assert hours_to_wait(house, f"slack.{event}") == 3


def test_what_waited_is_told_once(house: House) -> None:
    make_quiet(house)
    house.buy("5101")
    at_night = (len(house.posts()), len(house.mails(REP)))

    house.hurry()
    house.settle()
    house.settle()

    assert at_night == (0, 0)
    assert len(house.posts()) == 2


def test_customer_gets_her_own_mails_at_night(house: House) -> None:
    make_quiet(house)

    house.buy("5101")

    subjects = [mail["subject"] for mail in house.mails("jeanne@atelier-martin.example")]
    assert len(subjects) == 2


@pytest.mark.parametrize(("hours", "kind"), [(2, "email.reminder_1h"), (25, "email.reminder_24h")])
def test_reminder_waits_for_the_morning(house: House, hours: int, kind: str) -> None:
    make_quiet(house)
    accepted(house)

    now = house.runtime.clock.now() + timedelta(hours=hours)
    add_due_reminders(house.runtime.database, now)

    assert hours_to_wait(house, kind) == 3


def test_without_quiet_hours_nothing_waits(house: House) -> None:
    happen(house, "accepted")

    assert hours_to_wait(house, "slack.accepted") == 0


# The form.


def form(**fields: str) -> dict[str, str]:
    plain = {f"told.{event}.{name}": "" for event in DEFAULTS for name in ("others", "channel")}
    return {**plain, **fields}


def save(house: House, section: str, fields: dict[str, str]) -> None:
    save_section(house.runtime.database, house.tenant_id, section, fields, "fr", who=US)


def test_rules_are_kept_as_sent(house: House) -> None:
    fields = {"told.sent.owner": "on", "told.sent.others": "a@b.example, c@d.example;e@f.example"}

    save(house, "told", form(**fields))

    rules = house.read(all_rules)
    others = ("a@b.example", "c@d.example", "e@f.example")
    assert rules["sent"] == Rule(to_rep=False, to_owner=True, others=others)
    assert rules["accepted"] == Rule(to_rep=False)


@pytest.mark.parametrize(
    ("section", "fields", "wrong"),
    [
        ("told", form(**{"told.paid.others": "nobody"}), "told.paid.others"),
        ("told", form(**{"told.paid.others": "a@b.example\nBcc:c@d.example"}), "told.paid.others"),
        ("told", form(**{"told.paid.others": "a@b.example " * 6}), "told.paid.others"),
        ("told", form(**{"told.paid.channel": "C0NOWHERE"}), "told.paid.channel"),
        ("quiet", {"quiet_from": "22:00", "quiet_until": ""}, "quiet_until"),
        ("quiet", {"quiet_from": "", "quiet_until": "07:00"}, "quiet_from"),
        ("quiet", {"quiet_from": "07:00", "quiet_until": "07:00"}, "quiet_until"),
        ("quiet", {"quiet_from": "25:00", "quiet_until": "07:00"}, "quiet_from"),
        ("quiet", {"quiet_from": "22h", "quiet_until": "07:00"}, "quiet_from"),
        ("data", {"retention_days": "29"}, "retention_days"),
        ("data", {"retention_days": "3651"}, "retention_days"),
        ("data", {"retention_days": ""}, "retention_days"),
    ],
)
def test_wrong_rule_is_said_at_its_field(
    house: House, section: str, fields: dict[str, str], wrong: str
) -> None:
    before = house.read(all_rules)

    with pytest.raises(FormError) as refused:
        save(house, section, fields)

    assert set(refused.value.sentences) == {wrong}
    assert house.read(all_rules) == before
