"""Places where a purchase or a message could stand still for ever, and does not."""

from collections.abc import Callable

import pytest

from app import messages
from app.clock import wall_now
from app.db import ScopedSession
from app.errors import FailureKind, ProviderError
from app.messages import LEASE, Claimed
from app.models import Message
from app.reasons import Reason
from app.runtime import Runtime
from tests.support.house import House
from workers.attempt import Attempt
from workers.drain import Drain
from workers.handler import Effect, Handler, nothing_more

KIND = "slack.paid"


def write(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        messages.add(session, KIND, "told", payload={})


def refuse(_runtime: Runtime, _message: Claimed) -> Effect:
    raise ProviderError("slack", FailureKind.PERMANENT, "No.")


def fail_after(_session: ScopedSession, _message: Claimed, _reason: Reason) -> None:
    raise LookupError("what it was about is gone")


def test_letter_is_dead_even_if_what_follows_fails(house: House) -> None:
    write(house)
    [claimed] = messages.claim(house.runtime.database, 1)

    Attempt(house.runtime, {KIND: Handler(refuse, fail_after)}, claimed).make()

    dead = house.message(KIND)
    assert dead.status == "dead"
    assert "No." in dead.last_error
    assert "what it was about is gone" in dead.last_error


def test_process_does_not_claim_what_it_still_works(house: House) -> None:
    """Its lease ran out while the machine stood still."""
    write(house)
    tries: list[int] = []

    def work(runtime: Runtime, message: Claimed) -> Effect:
        tries.append(message.attempt)
        with runtime.database.writing(message.tenant_id) as session:
            session.get_one(Message, message.id).lease_until = wall_now() - LEASE
        if len(tries) == 1:
            drain.look()
        return nothing_more

    drain = Drain(house.runtime, {KIND: Handler(work)})
    drain.run()

    assert tries == [1]
    assert (house.message(KIND).status, house.message(KIND).attempts) == ("done", 1)


@pytest.mark.parametrize("deal", ["5101", "5102"])
def test_decline_heard_before_the_answer_leaves_a_way_on(
    house: House, deal: str, lose_answer: Callable[[str], None]
) -> None:
    purchase = house.accepted(deal)
    lose_answer(deal)
    house.enter(purchase, "card_declined")
    house.come_back(purchase)
    house.settle()
    assert house.purchase(purchase.id).status == "failed"

    house.retry()

    assert house.purchase(purchase.id).stripe_page_url == ""
    again = house.ask_again(purchase)
    assert again.stripe_page_url
    house.enter(again)
    house.settle()
    assert house.purchase(purchase.id).status == "paid"


@pytest.fixture
def lose_answer(house: House) -> Callable[[str], None]:
    """Cut the answer to the call that charges, after it was done."""
    paths = {"5101": "/v1/subscriptions", "5102": "/v1/invoices/*/pay"}

    def lose(deal: str) -> None:
        house.fail("stripe", method="POST", path=paths[deal], cut="after")

    return lose
