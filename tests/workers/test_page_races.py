"""Stripe's event and the returning browser have the same completed page billed in one instant."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from app.billing.purchases import being_read, hear_of_setup, lock_purchase
from app.billing.steps import Made, Outcome
from app.db import Database
from app.errors import FailureKind, ProviderError
from app.models import Operation, Purchase, Step
from tests.db.racing import Meeting, failures, together
from tests.support.house import House
from tests.values import make_claimed
from workers.handlers import operations, stripe_start_billing
from workers.handlers.operations import Operations

# Only here do two transactions write at once; SQLite lets one in after the other.
pytestmark = pytest.mark.parametrize("house_database", ["postgresql"], indirect=True)


def entered(house: House) -> Purchase:
    """She has entered her card on Stripe's page, and nobody has billed it."""
    house.hears = False
    purchase = house.accept(house.send("5101"))
    house.enter(purchase)
    return house.purchase(purchase.id)


def bill(house: House, purchase: Purchase) -> None:
    page = {"purchase_id": purchase.id, "session_id": purchase.stripe_session_id}
    message = make_claimed(kind="stripe.start_billing", tenant_id=house.tenant_id, payload=page)
    effect = stripe_start_billing.work(house.runtime, message)
    with house.runtime.database.writing(house.tenant_id) as session:
        effect(session)


def key_of_its_own(
    _database: Database,
    _purchase: Purchase,
    _name: str,
    given: Mapping[str, Any],
    *,
    look: Callable[[], Made | None],  # noqa: ARG001
    make: Callable[[Operation], Made],
) -> Outcome[Made]:
    """`once` without its guard: each caller sends a key that nobody else has."""
    made = make(Step(operation_key=str(uuid.uuid4()), given=dict(given)))
    return Outcome(made.id, made)


@pytest.mark.parametrize("guarded", [False, True], ids=["no guard", "guarded"])
def test_event_against_return(
    house: House, monkeypatch: pytest.MonkeyPatch, *, guarded: bool
) -> None:
    purchase = entered(house)
    meeting = Meeting(monkeypatch)
    # Both have read a complete page that is not billed; as after a lease that ran out.
    meeting.before(Operations, "subscribe")
    if not guarded:
        monkeypatch.setattr(operations, "once", key_of_its_own)

    results = together(house.runtime.database, *[lambda: bill(house, purchase)] * 2)

    assert len(house.stripe("subscription")) == 2 - guarded
    paid = [invoice for invoice in house.stripe("invoice") if invoice["status"] == "paid"]
    assert len(paid) == 2 - guarded
    # Stripe may be asked with a key that is in use; that one is tried again.
    assert {kind_of(error) for error in failures(results)} <= {FailureKind.RETRYABLE}


def kind_of(error: Exception) -> FailureKind | None:
    return error.kind if isinstance(error, ProviderError) else None


def test_event_and_return_are_worked_one_after_the_other(house: House) -> None:
    purchase = entered(house)
    database = house.runtime.database

    def hear() -> None:
        with database.writing(house.tenant_id) as session:
            row = lock_purchase(session, purchase.id)
            hear_of_setup(session, row, purchase.stripe_session_id or "", "evt_1")

    results = together(database, hear, lambda: house.come_back(purchase))
    house.settle()

    assert failures(results) == []
    assert not house.read(lambda session: being_read(session, house.purchase(purchase.id)))
    assert {message.status for message in house.messages("stripe.start_billing")} == {"done"}
    assert len(house.stripe("subscription")) == 1
    assert house.purchase(purchase.id).status == "paid"
