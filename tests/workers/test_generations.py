"""Before a purchase gets new objects, the old ones are read, and none may charge any more."""

from typing import Any

import pytest

from app.accounts.clients import stripe_client
from app.models import Purchase
from tests.support.house import House
from tests.workers.test_second_tries import charges, choose, pay_on_hosted_page

FIRST = 0


def statuses(house: House, kind: str) -> list[str]:
    return [record["status"] for record in house.stripe(kind)]


def change(house: House, kind: str, number: int = FIRST, **values: Any) -> None:
    """What the seller, or Stripe by his settings, makes of an object."""
    with house.sandbox.world.store.lock:
        house.books().save({**house.stripe(kind)[number], **values})


def bounced(house: House) -> Purchase:
    """The first debit came back, and the subscription goes on."""
    purchase = house.bought("5101", "sepa_bounces", "sepa_debit")
    house.pass_time(days=6)
    assert statuses(house, "subscription") == ["past_due"]
    return house.purchase(purchase.id)


def void_first(house: House) -> None:
    invoice = house.stripe("invoice")[FIRST]
    stripe_client(house.runtime, house.tenant_id).void_invoice(invoice["id"], "the seller")


def plant_renewal(house: House, **values: Any) -> None:
    """The renewal of a month later."""
    first, books = house.stripe("invoice")[FIRST], house.books()
    later = {"id": "in_renewal", "created": books.now()}
    renewal = {**first, **later, "billing_reason": "subscription_cycle", **values}
    with house.sandbox.world.store.lock:
        books.save(renewal)


@pytest.mark.parametrize("heard", [pytest.param(True, marks=pytest.mark.long), False])
def test_subscription_of_a_void_invoice_ends_before_another(house: House, *, heard: bool) -> None:
    purchase = bounced(house)
    house.hears = heard
    void_first(house)
    house.settle()
    house.hears = True

    again = choose(house, purchase, "card", "card_ok")
    house.pass_time(days=32)

    assert (again.status, again.generation) == ("paid", 2)
    assert statuses(house, "subscription") == ["canceled", "active"]
    assert statuses(house, "invoice") == ["void", "paid", "paid"]
    assert house.purchase(purchase.id).status == "paid"
    assert house.open_errors() == []


def test_invoice_written_off_is_payable_no_more_beside_another(house: House) -> None:
    """Stripe sets the subscription active, and the invoice's own page would still take money."""
    purchase = bounced(house)
    change(house, "invoice", status="uncollectible")
    change(house, "subscription", status="active")

    again = choose(house, purchase, "card", "card_ok")

    assert (again.status, again.generation) == ("paid", 2)
    assert statuses(house, "subscription") == ["canceled", "active"]
    assert statuses(house, "invoice") == ["void", "paid"]


def test_every_open_invoice_of_the_old_generation_is_voided(house: House) -> None:
    purchase = bounced(house)
    change(house, "invoice", status="uncollectible")
    plant_renewal(house, status="open")

    again = choose(house, purchase, "card", "card_ok")

    assert again.generation == 2
    assert statuses(house, "invoice") == ["void", "void", "paid"]


def test_subscription_with_a_paid_renewal_is_followed_not_ended(house: House) -> None:
    """The seller let the first sum go, and she pays the subscription: nothing more is charged."""
    purchase = bounced(house)
    void_first(house)
    house.settle()
    plant_renewal(house, status="paid")
    before = charges(house)

    again = choose(house, purchase, "card", "card_ok")

    assert (again.status, again.generation, again.stripe_invoice_id) == ("paid", 1, "in_renewal")
    assert statuses(house, "subscription") == ["past_due"]
    assert charges(house) == before


def test_renewal_about_to_be_charged_is_waited_for(house: House) -> None:
    purchase = bounced(house)
    void_first(house)
    house.settle()
    plant_renewal(house, status="draft", auto_advance=True)

    waiting = choose(house, purchase, "card", "card_ok")
    change(house, "invoice", -1, status="void")
    house.retry()

    assert (waiting.status, waiting.generation) == ("failed", 1)
    assert house.purchase(purchase.id).status == "paid"
    assert statuses(house, "subscription") == ["canceled", "active"]


def test_end_heard_of_before_its_answer_is_no_cancellation(house: House) -> None:
    purchase = bounced(house)
    void_first(house)
    house.settle()
    house.fail("stripe", method="DELETE", path="/v1/subscriptions/*", cut="after")

    cut = choose(house, purchase, "card", "card_ok")
    house.retry()

    assert cut.status == "failed"
    assert house.purchase(purchase.id).status == "paid"
    assert statuses(house, "subscription") == ["canceled", "active"]


def test_nothing_is_voided_before_all_was_read(house: House) -> None:
    """The older of two invoices is paid, which nobody told us."""
    purchase = house.bought("5101", "card_declined")
    house.hears = False
    pay_on_hosted_page(house, "card_ok")
    plant_renewal(house, status="open")
    with house.sandbox.world.store.lock:
        house.books().table("subscription").pop(purchase.stripe_subscription_id or "")

    house.pay_again(purchase)

    assert house.purchase(purchase.id).status == "paid"
    assert statuses(house, "invoice") == ["paid", "open"]
