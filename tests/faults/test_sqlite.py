"""SQLite with a full disk, locked by another process, or its writer killed.

Whoever meets it is told clearly, nothing is half written, and all goes on by itself afterwards.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, text

from app.db import EVERY_TENANT, Database
from app.models import Acceptance, Message, Proposal, Purchase
from tests.factories import make_proposal, make_tenant, token_of
from tests.faults.sqlite_faults import ROOT, accept, full_disk, locked_file, open_proposals
from tests.values import make_click
from tests.web.forms import Page, send
from tests.web.webhook_calls import event, stored
from tests.workers.told import accepted, tell, tenant_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from app.models import Tenant
    from tests.support.house import House

    Fault = Callable[[Database, Tenant], AbstractContextManager[None]]

FAULTS = pytest.mark.parametrize("fault", [full_disk, locked_file])
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SENTENCE = "The service is away for a moment; try again in a minute."
PER_ACCEPTANCE = 4  # messages: Slack, Stripe's page, the rep's mail, the deal


def assert_whole(database: Database) -> int:
    """The file is sound, and every acceptance has all that belongs to it; returns how many."""
    with database.reading(EVERY_TENANT) as session:
        assert session.scalars(text("PRAGMA integrity_check")).all() == ["ok"]
        assert session.execute(text("PRAGMA foreign_key_check")).all() == []
        moved = select(func.count()).where(Proposal.status == "accepted")
        number = session.scalar(moved) or 0
        for table in (Acceptance, Purchase):
            assert session.scalar(select(func.count()).select_from(table)) == number
        facts = select(func.count()).where(Message.kind == "slack.accepted")
        assert session.scalar(facts) == number
        kinds = ("slack.accepted", "stripe.open_page", "email.rep_accepted", "hubspot.sync_deal")
        followed = select(func.count()).where(Message.kind.in_(kinds))
        assert session.scalar(followed) == PER_ACCEPTANCE * number
    return number


@FAULTS
def test_customer_is_told_and_accepts_a_little_later(house: House, fault: Fault) -> None:
    database, tenant = house.runtime.database, tenant_of(house)
    proposal = make_proposal(database, tenant)
    browser = house.app.test_client()
    browser.environ_base["HTTP_ORIGIN"] = house.runtime.settings.public_url

    with fault(database, tenant):
        before = assert_whole(database)
        page = Page(browser.get(f"/p/{token_of(proposal)}").text)
        refused = send(browser, page, "/accept", {"method": "card"})
        during = assert_whole(database)
    again = house.work_meanwhile(lambda: send(browser, page, "/accept", {"method": "card"}))

    assert (refused.status_code, SENTENCE in refused.text) == (503, True)
    assert (again.status_code, during) == (303, before)
    assert "/stripe/" in again.location


@FAULTS
def test_stripe_repeats_its_webhook(house: House, fault: Fault) -> None:
    database = house.runtime.database
    house.post_event(event(id="evt_0"))
    large = event(id="evt_1", data={**event()["data"], "previous_attributes": "x" * 8000})

    with fault(database, tenant_of(house)):
        refused = house.post_event(large)
        kept = len(stored(house))
    again = house.post_event(large)

    assert (refused.status_code, kept, again.status_code) == (503, 1, 200)
    assert len(stored(house)) == 2


@FAULTS
def test_rep_is_told_in_one_sentence(house: House, fault: Fault) -> None:
    offer = house.view("5101")["offers"][0]
    click = {
        "requestId": make_click().request_id,
        "recipientContactId": offer["recipient"]["contactId"],
        "shown": offer["shown"],
    }

    with fault(house.runtime.database, tenant_of(house)):
        refused = house.card("/deals/5101/proposals?lang=en", click)
    again = house.card("/deals/5101/proposals?lang=en", click)

    assert refused.status_code == 503
    assert refused.json == {"error": {"code": "database_away", "message": SENTENCE}}
    assert again.status_code == 202


@FAULTS
def test_worker_goes_on_by_itself(house: House, fault: Fault) -> None:
    purchase = accepted(house)
    kinds = ("slack.paid", "slack.accepted")
    for kind in kinds:
        tell(house, kind, purchase)

    with fault(house.runtime.database, tenant_of(house)):
        house.drain.run(1)
    house.drain.run()

    assert {house.messages(kind)[0].status for kind in kinds} == {"done"}
    keys = {f"{house.tenant_id}:{kind}:told" for kind in kinds}
    assert sorted(key for key in map(key_of, house.posts()) if key in keys) == sorted(keys)


def key_of(post: dict[str, Any]) -> str:
    return str(post["metadata"]["event_payload"]["message_id"])


@ON_SQLITE
@pytest.mark.parametrize("killed_after", [1, 4, 9])
def test_killed_writer_leaves_whole_changes_only(database: Database, killed_after: int) -> None:
    tenant = make_tenant(database)
    proposals = [make_proposal(database, tenant) for _ in range(12)]

    said = kill_the_writer(database, killed_after)

    committed = assert_whole(database)
    assert said.count("accepted") <= committed <= said.count("began")
    for proposal in open_proposals(database):
        accept(database, proposal)
    assert assert_whole(database) == len(proposals)


def kill_the_writer(database: Database, transaction: int) -> list[str]:
    """Start a process that accepts everything; kill -9 it in that transaction or soon after."""
    url = database.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.faults.sqlite_faults", url]
    said: list[str] = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ}
    ) as writer:
        assert writer.stdout is not None
        while said.count("began") < transaction:
            said.append(writer.stdout.readline().strip())
        writer.kill()
        said += writer.stdout.read().split()
    return said
