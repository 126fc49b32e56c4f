"""The CRM's level and its stages: pushed as they are now, a stage once, a refusal said."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from app.clock import wall_now
from app.models import Deal, Message, StageFact
from app.proposals.projection import show_in_crm
from app.providers.hubspot import transport
from sandbox.hubspot import records, stage_rules
from tests.support.house import House
from tests.support.waiting import until

PATCH = "PATCH /crm/objects/2026-09/deals/5101"
DEAL = "/crm/objects/2026-09/deals/5101"


def writes(house: House) -> int:
    return house.calls("hubspot").count(PATCH)


def sent_unsynced(house: House) -> None:
    """Sent, with the push of it still failing."""
    house.fail("hubspot", method="PATCH", path=DEAL, status=503)
    assert house.click("5101").status_code == 202
    house.settle()


def move_on(house: House, stage: str) -> None:
    """The rep moves the deal by hand."""
    records.update(
        house.sandbox.world, "148111", "deals", "5101", {"dealstage": stage}, source="CRM_UI"
    )


def facts(house: House) -> dict[str, str]:
    rows = house.read(lambda session: session.query(StageFact).all())
    return {row.event: row.status for row in rows}


def test_sent_proposal_shows_in_the_deal(house: House) -> None:
    proposal = house.sent("5101")

    shown = house.deal("5101")
    assert shown["propale_status"] == "sent"
    assert shown["propale_number"] == proposal.number
    assert shown["propale_link"] == f"http://propale.test/d/{proposal.public_id}"
    assert shown["propale_amount_due_now"] == "540.00"
    assert shown["propale_recurring_amount"] == "540.00"
    assert shown["dealstage"] == "contractsent"
    assert facts(house) == {"sent": "written"}


def test_older_revision_makes_no_call(house: House) -> None:
    house.sent("5101")
    house.forget_calls()

    house.again("hubspot.sync_deal")

    assert house.calls("hubspot") == []


def test_two_changes_waiting_are_one_write(house: House) -> None:
    proposal = house.sent("5101")
    house.fail("hubspot", method="PATCH", path=DEAL, status=503)
    house.forget_calls()
    house.accept(proposal)

    house.retry()

    assert house.deal("5101")["propale_status"] == "accepted"
    assert writes(house) == 2  # the one that failed, and one for both
    assert house.messages("hubspot.sync_deal", "pending") == []


@pytest.mark.parametrize("status", [429, 500, 502])
def test_write_refused_for_now_is_made_later(house: House, status: int) -> None:
    house.fail("hubspot", method="PATCH", path=DEAL, status=status)
    assert house.click("5101").status_code == 202
    house.settle()
    waiting = house.message("hubspot.sync_deal").status

    house.retry()

    assert waiting == "pending"
    assert house.deal("5101")["propale_status"] == "sent"


def test_deleted_deal_is_a_dead_letter_and_no_more(house: House) -> None:
    sent_unsynced(house)
    records.archive(house.sandbox.world, "148111", "deals", "5101")

    house.retry()

    assert house.message("hubspot.sync_deal").status == "dead"
    assert house.proposal("5101").status == "sent"
    assert house.mails()


@pytest.mark.parametrize("cut", ["before", "after"])
def test_lost_answer_writes_the_stage_once(house: House, cut: str) -> None:
    house.fail("hubspot", method="PATCH", path=DEAL, cut=cut)
    assert house.click("5101").status_code == 202
    house.settle()

    house.retry()

    assert house.deal("5101")["dealstage"] == "contractsent"
    assert facts(house) == {"sent": "written"}
    assert stage_entries(house) == ["presentationscheduled", "contractsent"]


def stage_entries(house: House) -> list[str]:
    """The stages the deal entered, oldest first."""
    world = house.sandbox.world
    found = records.get(world, "148111", "deals", "5101")
    return [str(entry["value"]) for entry in found["history"]["dealstage"]]


def test_lost_answer_leaves_the_reps_move_alone(house: House) -> None:
    house.fail("hubspot", method="PATCH", path=DEAL, cut="after")
    assert house.click("5101").status_code == 202
    house.settle()
    move_on(house, "closedwon")

    house.retry()

    assert house.deal("5101")["dealstage"] == "closedwon"
    assert house.deal("5101")["propale_status"] == "sent"


def test_lost_answer_is_found_where_our_clock_is_ahead(house: House) -> None:
    house.fail("hubspot", method="PATCH", path=DEAL, cut="after")
    assert house.click("5101").status_code == 202
    house.settle()
    earlier(house, minutes=30)
    move_on(house, "closedwon")

    house.retry()

    assert house.deal("5101")["dealstage"] == "closedwon"
    assert facts(house) == {"sent": "written"}


def earlier(house: House, **by: float) -> None:
    """HubSpot's clock, which wrote the deal's history, goes so much after ours."""
    found = records.get(house.sandbox.world, "148111", "deals", "5101")
    for entry in found["history"]["dealstage"]:
        moment = datetime.fromisoformat(entry["timestamp"]) - timedelta(**by)
        entry["timestamp"] = moment.isoformat()


def test_properties_are_made_before_the_first_push(house: House) -> None:
    house.fail("hubspot", status=503, times=9)
    house.again("hubspot.create_properties")
    with house.runtime.database.writing(house.tenant_id) as session:
        session.execute(update(Message).values(available_at=wall_now() + timedelta(hours=1)))
    house.sandbox.world.faults.clear()
    house.forget_calls()

    assert house.click("5101").status_code == 202
    house.settle()
    before = writes(house)
    house.retry()
    house.retry()

    assert (before, writes(house)) == (0, 1)
    assert house.deal("5101")["propale_status"] == "sent"


def test_later_push_never_writes_an_old_stage(house: House) -> None:
    house.sent("5101")
    move_on(house, "qualifiedtobuy")

    house.card("/deals/5101/withdraw?lang=fr", {"proposalId": house.proposal("5101").public_id})
    house.settle()

    assert house.deal("5101")["propale_status"] == "withdrawn"
    assert house.deal("5101")["dealstage"] == "qualifiedtobuy"


def test_refused_stage_costs_a_second_write(house: House) -> None:
    rules = stage_rules.rules(house.sandbox.world, "148111")
    rules["contractsent"] = {"message": "Motif de gain manquant."}

    house.send("5101")

    shown = house.deal("5101")
    assert writes(house) == 2
    assert shown["propale_status"] == "sent"
    assert "Motif de gain manquant." in shown["propale_problem"]
    assert shown["dealstage"] == "presentationscheduled"
    assert facts(house) == {"sent": "refused"}
    [warning] = house.view("5101")["warnings"]
    assert "Motif de gain manquant." in warning["message"]


def test_next_written_stage_clears_the_problem(house: House) -> None:
    rules = stage_rules.rules(house.sandbox.world, "148111")
    rules["contractsent"] = {"message": "Motif de gain manquant."}
    proposal = house.send("5101")

    house.accept(proposal)

    assert house.deal("5101").get("propale_problem", "") == ""
    assert house.deal("5101")["dealstage"] == "decisionmakerboughtin"


def test_stage_overtaken_while_away_is_skipped(house: House) -> None:
    house.fail("hubspot", method="PATCH", path=DEAL, status=503, times=20)
    assert house.click("5101").status_code == 202
    house.settle()
    purchase = house.accept(house.proposal("5101"))
    house.enter(purchase)
    house.settle()
    house.sandbox.world.faults.clear()

    house.retry()

    assert house.deal("5101")["dealstage"] == "closedwon"
    assert facts(house)["paid"] == "written"
    assert "contractsent" not in stage_entries(house)


def test_stage_overtaken_is_not_written_by_a_later_push(house: House) -> None:
    house.fail("hubspot", method="PATCH", path=DEAL, status=503, times=20)
    assert house.click("5101").status_code == 202
    house.settle()
    house.accept(house.proposal("5101"))
    house.sandbox.world.faults.clear()
    house.retry()

    deal = house.read(lambda session: session.query(Deal).one())
    with house.runtime.database.writing(house.tenant_id) as session:
        show_in_crm(session, deal.id)
    house.settle()

    assert facts(house) == {"sent": "overtaken", "accepted": "written"}
    assert house.deal("5101")["dealstage"] == "decisionmakerboughtin"
    assert stage_entries(house) == ["presentationscheduled", "decisionmakerboughtin"]


def test_every_change_pushed_is_the_revision_shown(house: House) -> None:
    house.bought("5101")

    deal = house.read(lambda session: session.query(Deal).one())
    assert deal.pushed_revision == deal.revision


def test_write_that_arrives_late_brings_nothing_old_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "_SECONDS", (2, 0.3))  # ten seconds would say no more
    house.fail("hubspot", method="PATCH", path=DEAL, delay=1.0)
    house.buy("5101")
    until(lambda: house.deal("5101").get("dealstage") == "contractsent")

    with house.runtime.database.writing(house.tenant_id) as session:
        session.execute(update(Deal).values(quiet_until=wall_now()))
    house.retry()

    shown = house.deal("5101")
    assert (shown["dealstage"], shown["propale_payment_status"]) == ("closedwon", "paid")


def test_wait_for_the_properties_is_no_failure_of_hubspot(house: House) -> None:
    making_properties(house)

    assert house.click("5101").status_code == 202
    house.settle()

    push = house.message("hubspot.sync_deal")
    assert (push.status, push.waits_for) == ("pending", "hubspot.create_properties")
    assert push.available_at - wall_now() > timedelta(seconds=30)


def test_push_goes_as_soon_as_the_properties_are_made(house: House) -> None:
    making_properties(house)
    assert house.click("5101").status_code == 202
    house.settle()

    due = update(Message).where(Message.kind == "hubspot.create_properties")
    with house.runtime.database.writing(house.tenant_id) as session:
        session.execute(due.values(available_at=wall_now()))
    house.settle()

    assert house.deal("5101")["propale_status"] == "sent"


def making_properties(house: House) -> None:
    """Our properties are still being made, and will be for an hour."""
    house.fail("hubspot", path="/crm/properties/*", status=503)
    house.again("hubspot.create_properties")
    with house.runtime.database.writing(house.tenant_id) as session:
        session.execute(update(Message).values(available_at=wall_now() + timedelta(hours=1)))
