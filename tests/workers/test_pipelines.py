"""Each pipeline has stages of its own: a deal never moves to a stage of another."""

from __future__ import annotations

import pytest

from app.accounts.preferences.form import FormError
from app.accounts.preferences.sections import save_section
from app.accounts.stages import chosen_stages, stage_in
from app.audit import US
from app.models import AuditEntry, PipelineStage, StageFact
from sandbox.hubspot import records
from tests.support.house import PREFERENCES, House
from tests.web.browsing import post_form, signed_in

RENEWAL = {
    "stage.sent.renewals": "renewalsent",
    "stage.accepted.renewals": "",
    "stage.paid.renewals": "renewalwon",
}


def to_renewals(house: House, deal: str = "5101") -> None:
    """The rep puts the deal into the other pipeline."""
    place = {"pipeline": "renewals", "dealstage": "renewaldue"}
    records.update(house.sandbox.world, "148111", "deals", deal, place, source="CRM_UI")


def choose(house: House, **fields: str) -> None:
    typed = {**PREFERENCES["stages"], **fields}
    save_section(house.runtime.database, house.tenant_id, "stages", typed, "fr", who=US)


def test_deal_moves_within_its_own_pipeline(house: House) -> None:
    choose(house, **RENEWAL)
    to_renewals(house)

    proposal = house.send("5101")
    sent = house.deal("5101")["dealstage"]
    purchase = house.accept(proposal)
    accepted = house.deal("5101")["dealstage"]
    house.enter(purchase)
    house.settle()

    assert (sent, accepted) == ("renewalsent", "renewalsent")
    assert house.deal("5101")["dealstage"] == "renewalwon"


def test_pipeline_without_a_choice_leaves_the_deal_alone(house: House) -> None:
    to_renewals(house)

    house.send("5101")

    shown = house.deal("5101")
    assert (shown["dealstage"], shown["propale_status"]) == ("renewaldue", "sent")
    assert shown["propale_problem"] == ""


@pytest.mark.parametrize(
    ("chosen", "stage", "fact"),
    [("renewalwon", "renewalwon", "written"), ("", "renewaldue", "overtaken")],
)
def test_deal_moved_after_the_sending_follows_its_new_pipeline(
    house: House, chosen: str, stage: str, fact: str
) -> None:
    choose(house, **{**RENEWAL, "stage.accepted.renewals": chosen})
    proposal = house.send("5101")
    to_renewals(house)

    house.accept(proposal)

    shown = house.deal("5101")
    facts = house.read(lambda session: session.query(StageFact).all())
    assert (shown["dealstage"], shown["propale_problem"]) == (stage, "")
    assert {row.event: row.status for row in facts} == {"sent": "written", "accepted": fact}
    assert house.view("5101")["warnings"] == []


def test_choice_of_before_finds_its_pipeline(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        session.query(PipelineStage).delete()
        for event, stage in (("sent", "contractsent"), ("paid", "renewalwon"), ("accepted", "x")):
            session.add(PipelineStage(pipeline_id="", event=event, stage_id=stage))

    house.again("hubspot.read_stages")

    assert house.read(chosen_stages) == {
        ("default", "sent"): "contractsent",
        ("renewals", "paid"): "renewalwon",
        ("", "accepted"): "x",
    }


def test_choice_of_before_holds_until_pipelines_are_read(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        session.query(PipelineStage).delete()
        session.add(PipelineStage(pipeline_id="", event="sent", stage_id="qualifiedtobuy"))

    house.send("5101")

    assert house.deal("5101")["dealstage"] == "qualifiedtobuy"


@pytest.mark.parametrize(("pipelines", "stage"), [(["default"], "a"), (["default", "other"], "")])
def test_deal_never_read_takes_what_all_agree_on(
    house: House, pipelines: list[str], stage: str
) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        session.query(PipelineStage).delete()
        for pipeline, wanted in zip(pipelines, "ab", strict=False):
            session.add(PipelineStage(pipeline_id=pipeline, event="sent", stage_id=wanted))

    assert house.read(lambda session: stage_in(session, "", "sent")) == stage


@pytest.mark.parametrize("stage", ["renewalsent", "nothing", "x" * 101])
def test_stage_of_another_pipeline_is_refused(house: House, stage: str) -> None:
    with pytest.raises(FormError) as refused:
        choose(house, **{"stage.sent.default": stage})

    assert set(refused.value.sentences) == {"stage.sent.default"}
    assert house.read(chosen_stages)[("default", "sent")] == "contractsent"


def test_pipeline_that_is_not_in_the_portal_is_refused(house: House) -> None:
    with pytest.raises(FormError):
        choose(house, **{"stage.sent.nowhere": "contractsent"})

    assert ("nowhere", "sent") not in house.read(chosen_stages)


def test_stage_gone_from_the_portal_may_stay_chosen(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        session.query(PipelineStage).filter_by(event="sent").update({"stage_id": "gone"})

    choose(house, **{"stage.sent.default": "gone"})

    assert house.read(chosen_stages)[("default", "sent")] == "gone"


def test_pipelines_that_were_not_sent_stay(house: House) -> None:
    choose(house, **RENEWAL)

    choose(house, **{"stage.sent.default": "qualifiedtobuy"})

    chosen = house.read(chosen_stages)
    assert chosen[("renewals", "sent")] == "renewalsent"
    assert chosen[("default", "sent")] == "qualifiedtobuy"


def test_page_shows_each_pipeline_and_the_journal_who_changed_it(house: House) -> None:
    client = signed_in(house)
    page = client.get("/preferences").text

    post_form(client, "/preferences/stages", **RENEWAL)

    entry = house.read(lambda session: session.query(AuditEntry).order_by(AuditEntry.id).all())[-1]
    assert "<legend><bdi>Renouvellements</bdi></legend>" in page
    assert entry.what == "preferences.changed"
    assert entry.after == {name: stage for name, stage in RENEWAL.items() if stage}
