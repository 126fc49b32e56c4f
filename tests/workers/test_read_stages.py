"""The portal's deal stages: read at install and when asked, each portal its own."""

import pytest

from app.accounts.stages import STAGES, kept_stages
from tests.support.house import House

PIPELINES = "/crm/pipelines/2026-09/deals"


def stages(house: House) -> list[str]:
    return [row.hubspot_stage_id for row in house.read(kept_stages)]


def forget(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        for row in kept_stages(session):
            session.delete(row)


def ask(house: House, fact: str = "now") -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        STAGES.ask(session, fact)


def test_stages_are_known_after_the_install(house: House) -> None:
    assert stages(house)[0] == "appointmentscheduled"
    assert stages(house)[-3:] == ["renewaldue", "renewalsent", "renewalwon"]


def test_reading_again_leaves_each_stage_once(house: House) -> None:
    before = stages(house)

    house.again("hubspot.read_stages")

    assert stages(house) == before
    assert house.calls("hubspot") == [f"GET {PIPELINES}"]


def test_same_wish_twice_is_one_reading(house: House) -> None:
    ask(house)
    ask(house)

    house.settle()

    assert house.calls("hubspot") == [f"GET {PIPELINES}"]


@pytest.mark.parametrize("status", [429, 500])
def test_hubspot_away_leaves_what_was_known(house: House, status: int) -> None:
    known = stages(house)
    ask(house)
    house.fail("hubspot", method="GET", path=PIPELINES, status=status)

    house.settle()
    meanwhile = stages(house)
    forget(house)
    house.retry()

    assert meanwhile == known == stages(house)


def test_refusal_is_a_dead_letter_and_may_be_asked_again(house: House) -> None:
    ask(house)
    house.fail("hubspot", method="GET", path=PIPELINES, status=400)
    house.settle()
    dead = house.message("hubspot.read_stages").status
    forget(house)

    ask(house, "a minute later")
    house.settle()

    assert dead == "dead"
    assert stages(house)


def test_reading_of_one_portal_leaves_the_others_alone(house: House, other_house: House) -> None:
    forget(other_house)

    house.again("hubspot.read_stages")
    mine, theirs = stages(house), stages(other_house)
    other_house.again("hubspot.read_stages")

    assert (bool(mine), theirs) == (True, [])
    assert stages(house) == mine == stages(other_house)
