"""A vendor that asks for patience is left alone; whoever needs another vendor goes on."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from app import messages
from app.clock import wall_now
from app.errors import FailureKind, ProviderError
from app.messages import Claimed
from app.models import Message, Pause
from app.providers import downloads, mail_message
from app.providers.hubspot import failures as hubspot
from app.providers.slack import calls as slack
from app.providers.stripe import failures as stripe
from app.runtime import Runtime
from tests.support.house import House
from tests.workers.told import accepted, tell
from workers.attempt import Attempt
from workers.handler import Effect, Handler
from workers.handlers import HANDLERS

SOON = timedelta(seconds=5)
ASKED = timedelta(seconds=30)
VENDORS = ("hubspot", "stripe", "slack")


def paused(house: House) -> list[str]:
    return house.read(lambda session: list(session.scalars(select(Pause.provider))))


def write(house: House, *kinds: str) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        for kind in kinds:
            messages.add(session, kind, "1", payload={})


def told_to_wait_by(vendor: str) -> Handler:
    """Work whose call that vendor refuses for now."""

    def work(_runtime: Runtime, _message: Claimed) -> Effect:
        wait = ASKED.total_seconds()
        raise ProviderError(vendor, FailureKind.RETRYABLE, "slowly", retry_after=wait)

    return Handler(work)


@pytest.mark.parametrize("kind", ["hubspot.sync_deal", "stripe.open_page", "email.rep_paid"])
@pytest.mark.parametrize("vendor", VENDORS)
def test_vendor_that_asked_is_the_one_that_waits(house: House, vendor: str, kind: str) -> None:
    write(house, kind)
    [held] = messages.claim(house.runtime.database, 1)
    write(house, *(f"{other}.next" for other in (*VENDORS, "email")))

    Attempt(house.runtime, {kind: told_to_wait_by(vendor)}, held).make()

    assert paused(house) == [vendor]
    next_ones = messages.claim(house.runtime.database, 9, wall_now() + SOON)
    assert {m.provider for m in next_ones} == {*VENDORS, "email"} - {vendor}
    waits = house.message(kind).available_at - wall_now()
    assert ASKED - SOON < waits <= ASKED


def test_others_wait_as_asked_however_long_this_one_fails(house: House) -> None:
    write(house, "slack.accepted")
    with house.runtime.database.writing(house.tenant_id) as session:
        session.execute(update(Message).values(failing_since=wall_now() - timedelta(hours=2)))
    [held] = messages.claim(house.runtime.database, 1)

    Attempt(house.runtime, {"slack.accepted": told_to_wait_by("slack")}, held).make()

    until = house.read(lambda session: session.scalars(select(Pause.until)).one())
    assert ASKED - SOON < until - wall_now() <= ASKED
    assert house.message("slack.accepted").available_at > until + SOON


def test_mail_that_waits_for_stripe_stops_no_other(house: House) -> None:
    lines = {"method": "GET", "path": "/v1/invoices/*/lines"}
    house.fail("stripe", **lines, status=429, headers={"Retry-After": "30"})
    house.buy("5102")
    tell(house, "email.rep_declined", accepted(house))

    house.drain.run()

    assert house.message("email.rep_declined").status == "done"
    assert house.message("email.invoice_paid").status == "pending"
    house.retry()
    assert house.message("email.invoice_paid").status == "done"


def test_one_account_asked_to_wait_leaves_the_others_going(
    house: House, other_house: House
) -> None:
    path = "/api/chat.postMessage"
    house.fail("slack", path=path, status=429, headers={"Retry-After": "30"}, times=1)
    tell(house, "slack.accepted", accepted(house))
    house.drain.run()
    house.forget_calls()

    tell(house, "slack.paid", accepted(house))
    tell(house, "email.rep_declined", accepted(house))
    tell(other_house, "slack.accepted", accepted(other_house))
    house.drain.run()

    asked = (house.message(kind) for kind in ("slack.accepted", "slack.paid"))
    assert [(message.status, message.attempts) for message in asked] == [
        ("pending", 1),
        ("pending", 0),
    ]
    assert house.message("email.rep_declined").status == "done"
    assert other_house.message("slack.accepted").status == "done"
    assert house.calls("slack") == [f"POST {path}"]


def test_every_vendor_is_named_as_its_messages_are() -> None:
    lanes = {messages.provider_of(kind) for kind in HANDLERS}

    named = {module.PROVIDER for module in (downloads, hubspot, mail_message, slack, stripe)}

    assert named == lanes
