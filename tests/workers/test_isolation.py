"""Messages of one house that name the other's rows, handler by handler: nothing happens there."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app import messages
from app.db import Base
from tests.support.house import OTHER, House, install, next_door
from tests.workers.reconciling import Typed, says
from workers.handlers import HANDLERS

Rows = dict[str, list[tuple[Any, ...]]]


@pytest.fixture
def both(house: House) -> tuple[House, House]:
    """The first has sold; the other has sent a proposal of its deal of the same id."""

    def play() -> int:
        other = install(house.sandbox, house.runtime, OTHER)
        house.buy("5101")
        other.send("5101")
        return other.tenant_id

    return house, next_door(house, house.begin(("one sold, both sent", "5101"), play))


def rows_of(house: House) -> Rows:
    """Every row of this house alone."""
    tables = [table for table in Base.metadata.sorted_tables if "tenant_id" in table.c]
    with house.runtime.database.engine.connect() as connection:
        return {
            table.name: [
                tuple(row)
                for row in connection.execute(
                    select(table).where(table.c.tenant_id == house.tenant_id)
                )
            ]
            for table in tables
        }


def payloads(house: House) -> dict[str, dict[str, Any]]:
    """For each kind what such a message of this house names, else all that its messages name."""
    sent = {message.kind: message.payload for message in house.messages()}
    everything = {name: value for payload in sent.values() for name, value in payload.items()}
    now = house.runtime.clock.now().isoformat()
    return {kind: sent.get(kind) or {**everything, "at": now} for kind in HANDLERS}


def told_of(house: House) -> int:
    """How many mails and posts, to whomever, name this house's customer or its proposal's rep."""
    everything = map(str, [*house.mails(), *house.posts()])
    return sum("Atelier Martin" in one or "dana@maison.example" in one for one in everything)


def test_handlers_find_no_row_of_another_house(both: tuple[House, House]) -> None:
    mine, theirs = both
    named = payloads(mine)
    before = rows_of(mine), told_of(mine)
    with theirs.runtime.database.writing(theirs.tenant_id) as session:
        for kind, payload in named.items():
            messages.add(session, kind, f"of another: {kind}", payload=payload, subject=kind)

    theirs.settle()

    foreign = [row for row in theirs.messages() if "of another" in row.dedupe_key]
    assert {row.kind for row in foreign if row.attempts} == set(HANDLERS)
    assert (rows_of(mine), told_of(mine)) == before
    assert "Jeanne" not in str(rows_of(theirs))


def test_repair_for_one_house_leaves_the_other_alone(both: tuple[House, House], run: Typed) -> None:
    """Both deals are 5101, and somebody changed both in HubSpot."""
    mine, theirs = both
    for house in both:
        says(house, "5101", propale_status="declined")
    before = rows_of(mine)

    _, printed = run("--repair", "--tenant", "148222")
    theirs.settle()

    assert "148222: differences 1, repaired 1, left 0." in printed
    assert rows_of(mine) == before
    assert theirs.deal("5101")["propale_status"] == "sent"
    assert mine.deal("5101")["propale_status"] == "declined"
