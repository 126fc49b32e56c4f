"""Charges whose answer was lost: what came of them is looked for before a second key is taken.

Stripe's events never arrive here, so nothing but that look stands between the customer and a
second charge.
"""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from app.clock import wall_now
from app.models import Proposal, Purchase, Step, StripeMirror
from tests.support.house import House
from tests.workers.test_credit import give

# Recurring, one-off, and both on one first invoice.
DEALS = {"5101": "/v1/subscriptions", "5102": "/v1/invoices", "5103": "/v1/subscriptions"}
A_DAY = timedelta(hours=25)


def accept(house: House, deal: str) -> Purchase:
    purchase = house.accepted(deal)
    house.hears = False
    return purchase


def enter(house: House, purchase: Purchase, choice: str = "card_ok") -> None:
    """Enter a method and come back, which has the page read."""
    house.enter(purchase, choice)
    house.come_back(purchase)
    house.settle()


def lose(house: House, path: str, **fault: Any) -> None:
    house.fail("stripe", method="POST", path=path, **{"cut": "after", **fault})


def let_an_hour_pass(house: House) -> None:
    """Our keys grow old, and Stripe still knows them."""
    with house.runtime.database.writing(house.tenant_id) as session:
        for step in session.scalars(select(Step)):
            step.begun_at -= timedelta(hours=1)


def let_a_day_pass(house: House) -> None:
    """Our keys grow old, and Stripe forgets them."""
    let_an_hour_pass(house)
    kept = house.books().table("idempotency")
    for key, answer in kept.items():
        kept[key] = {**answer, "at": answer["at"] - A_DAY.total_seconds()}


def give_up(house: House, purchase: Purchase, path: str, choice: str) -> None:
    """The answer is lost, the next try is refused: nobody knows what came of the first method."""
    lose(house, path)
    house.fail("stripe", method="POST", path=path, status=400)
    enter(house, purchase, choice)
    house.retry()
    assert house.message("stripe.start_billing").status == "dead"


def enter_patiently(house: House, purchase: Purchase) -> None:
    """Enter another card; charging it may wait until the first call is surely over."""
    enter(house, purchase)
    let_an_hour_pass(house)
    house.retry()


def one_of_each(house: House, deal: str) -> bool:
    counts = [len(house.stripe(kind)) for kind in ("subscription", "invoice")]
    return counts == [0 if deal == "5102" else 1, 1]


@pytest.mark.parametrize("deal", ["5101", "5102", pytest.param("5103", marks=pytest.mark.long)])
def test_lost_answer_is_found_a_day_later(house: House, deal: str) -> None:
    purchase = accept(house, deal)
    lose(house, DEALS[deal])
    enter(house, purchase)
    let_a_day_pass(house)

    house.retry()

    assert house.purchase(purchase.id).status == "paid"
    assert one_of_each(house, deal)
    assert len(house.stripe("charge")) == 1
    assert house.open_errors() == []


@pytest.mark.parametrize(
    ("deal", "later"),
    [
        ("5101", False),
        ("5102", True),
        pytest.param("5101", True, marks=pytest.mark.long),
        pytest.param("5102", False, marks=pytest.mark.long),
        pytest.param("5103", False, marks=pytest.mark.long),
        pytest.param("5103", True, marks=pytest.mark.long),
    ],
)
def test_lost_answer_is_found_with_another_card(house: House, deal: str, *, later: bool) -> None:
    purchase = accept(house, deal)
    give_up(house, purchase, DEALS[deal], "card_ok")
    if later:
        let_a_day_pass(house)

    again = house.ask_again(purchase)
    enter_patiently(house, again)

    assert house.purchase(purchase.id).status == "paid"
    assert one_of_each(house, deal)
    assert [charge["status"] for charge in house.stripe("charge")] == ["succeeded"]
    charged = house.stripe("charge")[0]["payment_method"]
    assert house.purchase(purchase.id).stripe_payment_method_id == charged


@pytest.mark.parametrize("deal", [pytest.param("5101", marks=pytest.mark.long), "5103"])
def test_lost_decline_is_paid_with_another_card(house: House, deal: str) -> None:
    purchase = accept(house, deal)
    give_up(house, purchase, DEALS[deal], "card_declined")

    again = house.ask_again(purchase)
    enter_patiently(house, again)

    subscription, method = house.stripe("subscription")[0], house.stripe("payment_method")[1]
    assert house.purchase(purchase.id).status == "paid"
    assert house.purchase(purchase.id).stripe_payment_method_id == method["id"]
    assert subscription["default_payment_method"] == method["id"]
    assert one_of_each(house, deal)
    assert [charge["status"] for charge in house.stripe("charge")] == ["failed", "succeeded"]


def test_lines_of_a_lost_answer_are_not_added_again(house: House) -> None:
    purchase = accept(house, "5102")
    lose(house, "/v1/invoices/*/add_lines")
    enter(house, purchase)
    let_a_day_pass(house)

    house.retry()

    assert house.purchase(purchase.id).status == "paid"
    assert [invoice["total"] for invoice in house.stripe("invoice")] == [79_746]
    assert house.open_errors() == []


def test_lines_that_never_arrived_are_added_a_day_later(house: House) -> None:
    purchase = accept(house, "5102")
    lose(house, "/v1/invoices/*/add_lines", cut="before")
    enter(house, purchase)
    let_a_day_pass(house)

    house.retry()

    assert house.purchase(purchase.id).status == "paid"
    assert [charge["amount"] for charge in house.stripe("charge")] == [79_746]


@pytest.mark.parametrize(
    ("deal", "path"),
    [
        ("5101", "/v1/subscriptions"),
        ("5102", "/v1/invoices"),
        pytest.param("5102", "/v1/invoices/*/add_lines", marks=pytest.mark.long),
        pytest.param("5102", "/v1/invoices/*/finalize", marks=pytest.mark.long),
        ("5102", "/v1/invoices/*/pay"),
    ],
)
def test_error_that_stripe_repeats_ends_with_another_key(
    house: House, deal: str, path: str
) -> None:
    purchase = accept(house, deal)
    lose(house, path, cut=None, status=500)
    enter(house, purchase)
    house.retry()

    assert house.purchase(purchase.id).status == "paid"
    assert one_of_each(house, deal)
    assert len(house.stripe("charge")) == 1


def test_changed_sum_after_a_lost_answer_hides_no_charge(house: House) -> None:
    """Else the rep reads that nothing was charged, and the next card is charged again."""
    purchase = accept(house, "5101")
    lose(house, "/v1/subscriptions")
    enter(house, purchase)
    give(house, purchase, -100)

    house.retry()

    assert house.purchase(purchase.id).status == "paid"
    assert one_of_each(house, "5101")
    assert [charge["amount"] for charge in house.stripe("charge")] == [54_000]


def test_changed_sum_while_a_charge_may_go_on_claims_nothing(
    house: House,
) -> None:
    purchase = accept(house, "5101")
    lose(house, "/v1/subscriptions", cut="before")
    enter(house, purchase)
    give(house, purchase, -100)

    house.retry()
    waiting = house.purchase(purchase.id).status
    let_an_hour_pass(house)
    house.retry()

    assert (waiting, house.purchase(purchase.id).status) == ("awaiting_method", "held")
    assert house.stripe("charge") == []


def test_customer_of_another_contact_of_the_company_is_found(house: House) -> None:
    house.hears = False
    proposal = house.send("5101")
    house.fail("stripe", method="POST", path="/v1/customers", cut="after")
    house.accept(proposal)
    other = {**proposal.document["recipient"], "email": "compta@atelier.example"}
    with house.runtime.database.writing(house.tenant_id) as session:
        session.execute(update(StripeMirror).values(begun_at=wall_now() - A_DAY))
        asked = session.get_one(Proposal, proposal.id)
        asked.recipient_email = other["email"]
        asked.document = {**asked.document, "recipient": other}

    house.retry()

    assert len(house.stripe("customer")) == 1
    assert house.open_errors() == []
