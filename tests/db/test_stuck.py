"""What stands still: listed by a person, sent again or dropped by her, nothing forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app import messages as rows
from app.clock import wall_now
from app.commands.messages import messages
from app.db import EVERY_TENANT, Database
from app.errors import AppError
from app.models import Decision, Message
from tests.factories import make_deal, make_proposal, make_tenant

if TYPE_CHECKING:
    from app.models import Tenant


@pytest.fixture
def tenant(database: Database) -> Tenant:
    return make_tenant(database)


def write(database: Database, tenant: Tenant, fact: str, **values: Any) -> int:
    """A message as it stands after something happened to it; its number."""
    kind, payload = values.pop("kind", "slack.paid"), values.pop("payload", {})
    with database.writing(tenant.id) as session:
        rows.add(session, kind, fact, payload=payload)
        row = session.scalars(select(Message).order_by(Message.id.desc())).first()
        assert row is not None
        for name, value in values.items():
            setattr(row, name, value)
        return row.id


def dead(database: Database, tenant: Tenant, fact: str = "1", **values: Any) -> int:
    ended = {"status": "dead", "finished_at": wall_now(), "last_error": "refused: no such channel"}
    return write(database, tenant, fact, **{**ended, **values})


def row(database: Database, message_id: int) -> Message:
    with database.reading(EVERY_TENANT) as session:
        return session.get_one(Message, message_id)


def decisions(database: Database) -> list[Decision]:
    with database.reading(EVERY_TENANT) as session:
        return list(session.scalars(select(Decision).order_by(Decision.id)))


def typed(database: Database, line: str) -> bool:
    return messages(database, line.split(), "en")


def test_rows_are_counted_then_listed_with_their_errors(
    database: Database, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    proposal = make_proposal(database, tenant)
    died = dead(database, tenant, payload={"proposal_id": proposal.id})
    write(database, tenant, "2", kind="email.rep_paid", last_error="key sk_test_4242 was refused")
    write(database, tenant, "3", kind="inbox.stripe", status="ignored", last_error="not ours")
    write(database, tenant, "4", status="done")

    assert typed(database, "") is False

    counts, _, listed = capsys.readouterr().out.partition("\n\n")
    assert [line.split()[:3] for line in counts.splitlines()[1:]] == [
        ["slack.paid", "dead", "1"],
        ["email.rep_paid", "open", "1"],
        ["inbox.stripe", "ignored", "1"],
    ]
    assert f"{died}  {tenant.hub_id}  dead  slack.paid  {proposal.number}" in listed
    assert "refused: no such channel" in listed
    assert "email.rep_paid" in listed
    assert "sk_test_4242" not in listed
    assert "not ours" not in listed


def test_list_is_narrowed(
    database: Database, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    other = make_tenant(database)
    deal = make_deal(database, other)
    dead(database, tenant)
    for fact in ("1", "2"):
        kind = "hubspot.sync_deal"
        dead(database, other, fact, kind=kind, payload={"deal_id": deal.id}, last_error="late")

    typed(database, f"--status dead --kind hubspot.sync_deal --tenant {other.hub_id} --limit 1")

    counts, _, listed = capsys.readouterr().out.partition("\n\n")
    assert counts.splitlines()[1].split()[2] == "2"
    assert len(counts.splitlines()) == 2
    assert listed.count("late") == 1
    assert f"deal {deal.hubspot_deal_id}" in listed


def test_nothing_that_stands_still_is_one_sentence(
    database: Database, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    write(database, tenant, "1", status="done")

    typed(database, "")
    typed(database, "--kind slack.accepted")

    assert capsys.readouterr().out == (
        "Nothing waits and nothing was given up.\nThere is no such message.\n"
    )


def test_frenchman_reads_french(
    database: Database, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    deal = make_deal(database, tenant)
    dead(database, tenant, kind="hubspot.sync_deal", payload={"deal_id": deal.id})

    messages(database, [], "fr")

    shown = capsys.readouterr().out
    assert f"abandonné  hubspot.sync_deal  transaction {deal.hubspot_deal_id}  il y a" in shown
    assert "la mise à jour de la transaction dans HubSpot" in shown


def test_dead_letter_is_sent_again_with_its_key_and_history(
    database: Database, tenant: Tenant
) -> None:
    message_id = dead(database, tenant, attempts=9, doubts=4, deaths=5, bugs=5)
    before = row(database, message_id)

    assert typed(database, f"again {message_id}") is True

    after = row(database, message_id)
    assert (after.status, after.operation_key) == ("pending", before.operation_key)
    assert (after.attempts, after.doubts, after.deaths, after.bugs) == (9, 1, 0, 0)
    assert (after.failing_since, after.finished_at, after.sent_again) == (None, None, 1)
    assert rows.claim(database, 1)[0].attempt == 10
    [decision] = decisions(database)
    assert (decision.did, decision.message_id) == ("again", message_id)
    assert (decision.status_before, decision.error_before) == ("dead", before.last_error)
    assert decision.by


def test_waiting_message_is_only_tried_sooner(database: Database, tenant: Tenant) -> None:
    later = wall_now() + timedelta(hours=1)
    message_id = write(database, tenant, "1", available_at=later, bugs=2)

    typed(database, f"again {message_id}")

    after = row(database, message_id)
    assert (after.bugs, after.sent_again) == (2, 0)
    assert after.available_at < later


def test_kind_is_sent_again_as_a_whole(database: Database, tenant: Tenant) -> None:
    other = make_tenant(database)
    later = wall_now() + timedelta(hours=1)
    waiting = write(database, tenant, "1", available_at=later)
    died = [dead(database, who, "2") for who in (tenant, other)]
    others = [
        dead(database, tenant, "3", kind="slack.accepted"),
        write(database, tenant, "4", status="ignored"),
    ]

    typed(database, f"again --kind slack.paid --dead --tenant {other.hub_id}")
    assert [row(database, n).status for n in died] == ["dead", "pending"]
    typed(database, "again --kind slack.paid --dead")
    assert row(database, waiting).available_at == later
    typed(database, "again --kind slack.paid")

    assert {row(database, n).status for n in (*died, waiting)} == {"pending"}
    assert row(database, waiting).available_at < later
    assert [row(database, n).status for n in others] == ["dead", "ignored"]


def test_dropped_letter_is_kept_with_its_reason(database: Database, tenant: Tenant) -> None:
    message_id = dead(database, tenant)

    assert messages(database, ["drop", str(message_id), "--because", "told by phone"], "en")

    after = row(database, message_id)
    assert (after.status, after.last_error) == ("ignored", "told by phone")
    [decision] = decisions(database)
    assert (decision.did, decision.because) == ("drop", "told by phone")
    assert decision.error_before == "refused: no such channel"


def test_who_dropped_a_message_when_and_why_is_shown(
    database: Database, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    message_id = dead(database, tenant)
    messages(database, ["drop", str(message_id), "--because", "told by phone"], "en")
    [decision] = decisions(database)

    assert typed(database, f"show {message_id}") is False

    row, meaning, reason, decided, before = capsys.readouterr().out.splitlines()[1:]
    assert row.startswith(f"{message_id}  {tenant.hub_id}  ignored  slack.paid")
    assert (meaning.strip(), reason.strip()) == (
        "telling Slack of the payment",
        "Reason: told by phone",
    )
    when = f"{decision.decided_at:%Y-%m-%d %H:%M} UTC"
    assert decided.strip() == f"{when}, {decision.by} dropped it, reason: told by phone"
    assert before.strip() == "It was dead then: refused: no such channel"


def test_message_nobody_decided_about_is_shown(
    database: Database, tenant: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    typed(database, f"show {dead(database, tenant)}")

    assert "Nobody has decided anything about it yet." in capsys.readouterr().out


@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "show",
        "show x",
        "show 1 2",
        "--status lost",
        "--limit 0",
        "--tenant acme",
        "again",
        "again x",
        "again 1 --dead",
        "again 0",
        "again -1",
        "again 99999999999999999999",
        "again 1 --kind slack.paid",
        "again 1 nonsense",
        "drop",
        "drop 1",
        "drop 1 2 --because x",
        "drop 1 --because",
    ],
)
def test_bad_input_is_answered_with_the_usage(
    database: Database, tenant: Tenant, line: str
) -> None:
    message_id = dead(database, tenant)

    with pytest.raises(AppError, match=r"^\./propale messages [^\n]*$"):
        typed(database, line)

    assert row(database, message_id).status == "dead"
    assert decisions(database) == []


@pytest.mark.parametrize(("status", "words"), [("done", "Done already"), ("leased", "this moment")])
def test_what_cannot_be_sent_again_stops_all(
    database: Database, tenant: Tenant, status: str, words: str
) -> None:
    good, bad = dead(database, tenant), write(database, tenant, "2", status=status)

    with pytest.raises(AppError, match=f"{words}.*: {bad}\\. Nothing was done"):
        typed(database, f"again {good} {bad}")

    assert row(database, good).status == "dead"
    assert decisions(database) == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--tenant 5", "No HubSpot account 5"),
        ("again --kind slack.paid --tenant 5", "No HubSpot account 5"),
        ("again --kind slack.poid --dead", "No message of kind slack.poid"),
    ],
)
def test_unknown_account_or_kind_is_said(
    database: Database, tenant: Tenant, line: str, words: str
) -> None:
    message_id = dead(database, tenant)

    with pytest.raises(AppError, match=words):
        typed(database, line)

    assert row(database, message_id).status == "dead"


def test_unknown_number_stops_all(database: Database, tenant: Tenant) -> None:
    good, other = dead(database, tenant), make_tenant(database)

    with pytest.raises(AppError, match="No message has this number: 999"):
        typed(database, f"again {good} 999")
    with pytest.raises(AppError, match=f"No message has this number: {good}"):
        typed(database, f"again {good} --tenant {other.hub_id}")
    with pytest.raises(AppError, match="No message has this number: 999"):
        typed(database, "show 999")

    assert row(database, good).status == "dead"


def test_only_a_dead_letter_is_dropped(database: Database, tenant: Tenant) -> None:
    waiting = write(database, tenant, "1")

    with pytest.raises(AppError, match="Only a dead letter can be dropped"):
        messages(database, ["drop", str(waiting), "--because", "old"], "en")

    assert row(database, waiting).status == "pending"


@pytest.mark.parametrize(
    ("kind", "named"),
    [("hubspot.prepare_proposal", "request_id"), ("stripe.check_proposal", "proposal_id")],
)
def test_click_that_was_forgotten_is_not_sent_again(
    database: Database,
    tenant: Tenant,
    kind: str,
    named: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Its draft was never sent, and is erased by now."""
    number = dead(database, tenant, kind=kind, payload={named: 4711})

    typed(database, f"show {number}")
    with pytest.raises(AppError):
        typed(database, f"again {number}")

    assert kind in capsys.readouterr().out
    assert row(database, number).status == "dead"
