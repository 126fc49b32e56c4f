"""A rule on a stage: the status lands all the same, the stage once the field is filled in."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from app.clock import wall_now
from app.models import Message, PipelineStage, StageFact
from sandbox.hubspot import records, stage_rules
from tests.support.house import House

DEAL = "/crm/objects/2026-09/deals/5101"
FIELD = "closed_won_reason"


def rule(house: House, stage: str = "contractsent") -> None:
    """To enter the stage a deal needs a reason."""
    rules = stage_rules.rules(house.sandbox.world, "148111")
    rules[stage] = {"message": stage_rules.MESSAGE, "property": FIELD}


def by_hand(house: House, **values: str) -> None:
    """The rep changes the deal."""
    records.update(house.sandbox.world, "148111", "deals", "5101", values, source="CRM_UI")


def facts(house: House) -> dict[str, str]:
    rows = house.read(lambda session: session.query(StageFact).all())
    return {row.event: row.status for row in rows}


def a_while_later(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        session.execute(update(StageFact).values(refused_at=wall_now() - timedelta(minutes=2)))


def look(house: House) -> None:
    """The rep opens the card, a while after HubSpot refused."""
    a_while_later(house)
    house.view("5101")
    house.settle()


def test_status_lands_and_the_card_names_the_field(house: House) -> None:
    rule(house)

    house.send("5101")

    shown, [warning] = house.deal("5101"), house.view("5101")["warnings"]
    assert (shown["propale_status"], shown["dealstage"]) == ("sent", "presentationscheduled")
    assert "Motif de gain" in shown["propale_problem"]
    assert "À remplir d’abord dans la transaction\u00a0: Motif de gain." in warning["message"]
    assert warning["link"].endswith("/contacts/148111/record/0-3/5101")


def test_all_missing_fields_are_named_at_once(house: House) -> None:
    missing = [{"context": {"propertyName": [FIELD]}}, {"context": {"propertyName": ["amount"]}}]
    body = {"message": "Refusé.", "category": "VALIDATION_ERROR", "errors": missing}
    house.fail("hubspot", method="PATCH", path=DEAL, status=400, body=body, times=1)

    house.send("5101")

    assert "Motif de gain, Amount." in house.view("5101")["warnings"][0]["message"]


def test_stage_follows_when_the_card_is_opened_once_filled_in(house: House) -> None:
    rule(house)
    house.send("5101")

    by_hand(house, **{FIELD: "Le prix"})
    look(house)

    shown = house.deal("5101")
    assert (shown["dealstage"], shown["propale_problem"]) == ("contractsent", "")
    assert facts(house) == {"sent": "written"}
    assert house.view("5101")["warnings"] == []


def test_card_opened_again_and_again_asks_once_a_minute(house: House) -> None:
    rule(house)
    house.send("5101")
    house.forget_calls()

    for _ in range(3):
        house.view("5101")
        house.settle()

    assert house.calls("hubspot") == []


def test_field_still_empty_keeps_the_stage_waiting(house: House) -> None:
    rule(house)
    house.send("5101")

    look(house)

    assert facts(house) == {"sent": "refused"}
    assert house.deal("5101")["propale_status"] == "sent"
    assert house.open_errors() == []


def test_next_push_takes_the_stage_along(house: House) -> None:
    rule(house, "decisionmakerboughtin")
    purchase = house.accept(house.send("5101"))
    refused = facts(house)["accepted"]

    by_hand(house, **{FIELD: "Le prix"})
    with house.runtime.database.writing(house.tenant_id) as session:
        session.execute(delete(PipelineStage).where(PipelineStage.event == "paid"))
    house.enter(purchase)
    house.settle()

    assert refused == "refused"
    assert house.deal("5101")["dealstage"] == "decisionmakerboughtin"
    assert facts(house)["accepted"] == "written"


def test_night_takes_the_stage_along(house: House) -> None:
    rule(house)
    house.send("5101")
    house.pass_time(hours=1)

    by_hand(house, **{FIELD: "Le prix"})
    house.pass_time(days=1)

    assert house.deal("5101")["dealstage"] == "contractsent"
    assert facts(house) == {"sent": "written"}


def test_deal_the_rep_moved_on_is_left_there(house: House) -> None:
    rule(house)
    house.send("5101")

    by_hand(house, dealstage="closedlost", **{FIELD: "Le prix"})
    look(house)

    shown = house.deal("5101")
    assert (shown["dealstage"], shown["propale_problem"]) == ("closedlost", "")
    assert facts(house) == {"sent": "overtaken"}


def test_rep_who_moves_the_deal_herself_is_done(house: House) -> None:
    rule(house)
    house.send("5101")

    by_hand(house, dealstage="contractsent", **{FIELD: "Le prix"})
    look(house)

    assert facts(house) == {"sent": "written"}
    assert house.view("5101")["warnings"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"status": "error", "message": "Pas maintenant.", "category": "RULE_VIOLATION"},
        {"status": "error", "message": "Pas maintenant."},
    ],
)
def test_refusal_by_another_name_leaves_the_status(house: House, body: dict[str, str]) -> None:
    house.fail("hubspot", method="PATCH", path=DEAL, status=400, body=body, times=1)

    house.send("5101")

    shown, [warning] = house.deal("5101"), house.view("5101")["warnings"]
    assert (shown["propale_status"], shown["dealstage"]) == ("sent", "presentationscheduled")
    assert "« Pas maintenant. »" in warning["message"].replace("\u00a0", " ")


def test_stage_that_is_gone_blocks_nothing(house: House) -> None:
    choose_stage(house, "no-such-stage")

    house.send("5101")

    assert house.deal("5101")["propale_status"] == "sent"
    assert "n’existe plus dans HubSpot" in house.view("5101")["warnings"][0]["message"]
    assert facts(house) == {"sent": "refused"}


def test_stage_chosen_instead_of_a_gone_one_is_written(house: House) -> None:
    choose_stage(house, "no-such-stage")
    house.send("5101")

    choose_stage(house, "qualifiedtobuy")
    look(house)

    assert house.deal("5101")["dealstage"] == "qualifiedtobuy"


def choose_stage(house: House, stage: str) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        chosen = update(PipelineStage).where(PipelineStage.event == "sent")
        session.execute(chosen.values(stage_id=stage))


def test_rule_against_any_write_is_said_and_tried_again(house: House) -> None:
    """Not even the properties may be written: then only the card can say so."""
    body = {
        "status": "error",
        "message": "Remplissez la région.",
        "category": "VALIDATION_ERROR",
        "errors": [{"message": "missing", "context": {"propertyName": ["region"]}}],
    }
    house.fail("hubspot", method="PATCH", path=DEAL, status=400, body=body, times=2)
    assert house.click("5101").status_code == 202
    house.settle()
    said = house.view("5101")["message"]
    dead = house.message("hubspot.sync_deal").status

    house.pass_time(hours=1)
    house.pass_time(days=1)

    assert "Remplissez la région." in said
    assert dead == "dead"
    assert house.deal("5101")["propale_status"] == "sent"
    assert house.deal("5101")["dealstage"] == "contractsent"


def test_label_that_cannot_be_read_does_not_hold_up_the_status(house: House) -> None:
    rule(house)
    house.fail("hubspot", path="/crm/properties/*", status=503)

    house.send("5101")

    assert house.deal("5101")["propale_status"] == "sent"
    assert FIELD in house.view("5101")["warnings"][0]["message"]


def test_card_has_a_refused_push_written_again(house: House) -> None:
    house.fail("hubspot", method="PATCH", path=DEAL, status=400, times=2)
    assert house.click("5101").status_code == 202
    house.settle()
    with house.runtime.database.writing(house.tenant_id) as session:
        dead = update(Message).where(Message.status == "dead")
        session.execute(dead.values(finished_at=wall_now() - timedelta(minutes=2)))

    house.view("5101")
    house.settle()

    assert house.deal("5101")["propale_status"] == "sent"
    assert house.view("5101")["message"] is None
