"""Secrets that no key of ours opens: one is to be made again, all are the server's fault."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from app import messages
from app.accounts.configuration import refused_configurations
from app.accounts.leave_slack import leave_slack
from app.accounts.retention import follow_departures
from app.models import Connection, Message, Tenant
from app.seal import Sealer
from app.web import webhooks
from tests.support.environ import CLOSED
from tests.support.house import House, moved_to
from tests.web.webhook_calls import event
from tests.workers.test_leaving import DANA, ask_to_leave
from tests.workers.test_locked_out import OWNER, RECONNECT

WAITING = {
    "hubspot": "hubspot.sync_deal",
    "stripe": "stripe.open_page",
    "slack": "slack.accepted",
}
OTHER = "another-key-that-opens-none-of-it"
LOST = Sealer(OTHER)
each_vendor = pytest.mark.parametrize("vendor", WAITING)


def lose(house: House, vendor: str) -> str:
    """Its secret is sealed with a key that nobody has; gives back what was there."""
    with house.runtime.database.writing(house.tenant_id) as session:
        row = session.get_one(Connection, house.connection(vendor).id)
        before, row.sealed = row.sealed, LOST.seal(house.tenant_id, f"connection.{vendor}", "{}")
    return before


def put_back(house: House, vendor: str, sealed: str) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        session.get_one(Connection, house.connection(vendor).id).sealed = sealed


@contextmanager
def keys(house: House, sealer: Sealer = LOST) -> Iterator[House]:
    """The product runs with other keys: those that everything was sealed with are not there."""
    with moved_to(house, replace(house.runtime, sealer=sealer)) as later:
        yield later
    house.app.extensions["propale"] = house.runtime


def waiting(house: House, vendor: str) -> Message:
    return house.message(WAITING[vendor])


def refused(house: House) -> dict[str, str]:
    return house.read(refused_configurations)


@each_vendor
def test_lost_secret_is_to_be_made_again_and_told_once(house: House, vendor: str) -> None:
    proposal = house.sent("5101")
    lose(house, vendor)

    house.accept(proposal)
    for _ in range(6):
        house.retry()

    row, connection = waiting(house, vendor), house.connection(vendor)
    assert (row.status, row.waits_for, row.bugs) == ("pending", vendor, 0)
    assert connection.status == "reconnect_needed"
    assert "ne peut plus être ouvert" in connection.problem
    assert len(house.mails(OWNER)) == 1
    assert refused(house) == {}


@each_vendor
def test_secret_made_again_lets_all_go_on(house: House, vendor: str) -> None:
    proposal = house.sent("5101")
    lose(house, vendor)
    house.accept(proposal)

    RECONNECT[vendor](house)
    house.settle()
    house.retry()

    assert waiting(house, vendor).status == "done"
    assert house.connection(vendor).status == "connected"


@each_vendor
def test_secret_that_opens_again_lets_all_go_on(house: House, vendor: str) -> None:
    proposal = house.sent("5101")
    sealed = lose(house, vendor)
    house.accept(proposal)
    follow_departures(house.runtime.database, house.runtime.clock.now())

    put_back(house, vendor, sealed)
    house.retry()

    row = house.connection(vendor)
    assert waiting(house, vendor).status == "done"
    assert (row.status, row.problem) == ("connected", "")
    assert house.read(lambda session: session.get_one(Tenant, house.tenant_id).left_at) is None


@each_vendor
def test_keys_that_open_nothing_disconnect_nobody(house: House, vendor: str) -> None:
    proposal = house.sent("5101")

    with keys(house) as later:
        later.accept(proposal)
        for _ in range(6):
            later.retry()

    row = waiting(house, vendor)
    assert (row.status, row.waits_for, row.bugs) == ("pending", f"{vendor}.configuration", 0)
    assert house.connection(vendor).status == "connected"
    assert refused(house)[vendor] == "encryption_keys"
    assert house.messages("email.owner_reconnect") == []


def test_right_key_before_the_wrong_one_lets_all_go_on(house: House) -> None:
    proposal = house.sent("5101")
    with keys(house) as later:
        later.accept(proposal)
        later.retry()

    with keys(house, Sealer(f"{CLOSED['ENCRYPTION_KEYS']},{OTHER}")) as mended:
        mended.retry()

    assert {waiting(house, vendor).status for vendor in WAITING} == {"done"}
    assert refused(house) == {}
    assert house.open_errors() == []


@each_vendor
def test_secret_pasted_anew_wakes_what_waited_for_keys(house: House, vendor: str) -> None:
    proposal = house.sent("5101")
    with keys(house) as later:
        later.accept(proposal)

    RECONNECT[vendor](house)
    house.settle()

    assert waiting(house, vendor).attempts > 1


def leave_stripe(house: House) -> None:
    """Its data will be erased: our endpoint is taken off before that."""
    with house.runtime.database.writing(house.tenant_id) as session:
        session.get_one(Tenant, house.tenant_id).erase_after = house.runtime.clock.now()
        messages.add(session, "stripe.leave", "left", payload={})


def give_token_back(house: House) -> None:
    leave_slack(house.runtime.database, house.tenant_id, DANA)


LEAVE = {
    "hubspot": ask_to_leave,
    "stripe": leave_stripe,
    "slack": give_token_back,
}


@each_vendor
def test_vendor_is_left_whose_secret_is_lost(house: House, vendor: str) -> None:
    lose(house, vendor)

    LEAVE[vendor](house)
    house.settle()

    assert house.message(f"{vendor}.leave").status == "done"


def test_event_is_asked_for_again_while_keys_are_wrong(house: House) -> None:
    webhooks._doors.clear()

    with keys(house):
        refused = house.post_event(event()).status_code
    taken = house.post_event(event()).status_code

    assert (refused, taken) == (503, 200)
