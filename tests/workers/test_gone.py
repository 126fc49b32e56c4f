"""What the seller deletes in Stripe, or what lapses there unheard, ends no purchase for good."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.accounts.clients import stripe_client
from app.accounts.connect_stripe import connect_stripe
from app.audit import US
from app.models import Proposal, Purchase
from sandbox.stripe import customers
from sandbox.stripe.due import settle
from tests.support.house import OTHER, House, keep_webhooks_for_the_test

REFUSAL = {"error": {"type": "invalid_request_error", "message": "Not now."}}


def pay(house: House, purchase: Purchase, method: str = "card") -> Purchase:
    """Another method, entered on a page of its own."""
    house.ask_again(purchase, method)
    house.enter(purchase, "card_ok" if method == "card" else "sepa_ok")
    house.come_back(purchase)
    house.settle()
    return house.purchase(purchase.id)


def remove(house: House, kind: str) -> None:
    """The seller deletes the newest object of this kind."""
    with house.sandbox.world.store.lock:
        house.books().table(kind).pop(house.stripe(kind)[-1]["id"])


def delete_customer(house: House, purchase: Purchase) -> None:
    with house.sandbox.world.store.lock:
        customers.delete(house.books(), purchase.stripe_customer_id)


def statuses(house: House, kind: str) -> list[str]:
    return [record["status"] for record in house.stripe(kind)]


def dead(house: House) -> list[str]:
    return [message.kind for message in house.messages(status="dead")]


@pytest.mark.parametrize("method", ["card", pytest.param("sepa_debit", marks=pytest.mark.long)])
def test_draft_the_seller_deleted_is_made_again(house: House, method: str) -> None:
    purchase = house.accepted("5102")
    path = "/v1/invoices/*/finalize"
    house.fail("stripe", method="POST", path=path, status=400, body=REFUSAL)
    house.enter(purchase)
    house.settle()
    draft = house.stripe("invoice")[0]
    stripe_client(house.runtime, house.tenant_id).delete_draft(draft["id"])

    paid = pay(house, purchase, method)

    assert paid.status == ("paid" if method == "card" else "pending")
    assert paid.generation == 2
    assert [invoice["id"] for invoice in house.stripe("invoice")] != [draft["id"]]
    assert len(house.stripe("invoice")) == len(house.stripe("charge")) == 1
    assert dead(house) == ["stripe.start_billing"]


@pytest.mark.parametrize("deal", ["5101", "5102"])
def test_customer_deleted_before_the_page_is_made_again(house: House, deal: str) -> None:
    purchase = house.accepted(deal)
    delete_customer(house, purchase)

    paid = pay(house, purchase, "sepa_debit")

    assert paid.status == "pending"
    assert paid.stripe_customer_id != purchase.stripe_customer_id
    assert house.stripe("checkout.session")[-1]["customer"] == paid.stripe_customer_id
    assert dead(house) == []


@pytest.mark.parametrize("deal", ["5101", "5102"])
def test_unpaid_invoice_of_a_deleted_customer_gives_way(house: House, deal: str) -> None:
    purchase = house.bought(deal, "card_declined")
    delete_customer(house, purchase)

    paid = pay(house, purchase)

    assert paid.status == "paid"
    assert paid.generation == 2
    assert statuses(house, "invoice") == ["void", "paid"]
    assert [charge["status"] for charge in house.stripe("charge")] == ["failed", "succeeded"]


def test_customer_deleted_while_her_page_is_open_enters_again(house: House) -> None:
    purchase = house.accepted("5101")
    house.enter(purchase)
    delete_customer(house, purchase)
    house.settle()

    held = house.purchase(purchase.id)
    paid = pay(house, purchase)

    assert held.status == "held"
    assert paid.status == "paid"
    assert len(house.stripe("charge")) == 1


@pytest.mark.parametrize(
    ("deal", "kind"),
    [
        ("5101", "product"),
        ("5102", "tax_rate"),
        pytest.param("5101", "tax_rate", marks=pytest.mark.long),
        pytest.param("5102", "product", marks=pytest.mark.long),
    ],
)
def test_catalogue_deleted_after_the_mail_is_made_again(house: House, deal: str, kind: str) -> None:
    purchase = house.accepted(deal)
    remove(house, kind)
    house.enter(purchase)
    house.settle()

    assert house.purchase(purchase.id).status == "paid"
    assert len(house.stripe("charge")) == 1
    assert dead(house) == []


def test_product_deleted_between_two_proposals_is_made_again(house: House) -> None:
    proposal = house.sent("5101")
    with house.runtime.database.writing(house.tenant_id) as session:
        session.get_one(Proposal, proposal.id).status = "expired"
    remove(house, "product")

    assert house.send("5101").status == "sent"


@pytest.mark.parametrize("method", ["card", pytest.param("sepa_debit", marks=pytest.mark.long)])
def test_subscription_that_lapsed_unheard_is_made_again(house: House, method: str) -> None:
    purchase = house.bought("5101", "card_declined")
    lapse_unheard(house)

    paid = pay(house, purchase, method)

    assert paid.status == ("paid" if method == "card" else "pending")
    assert paid.generation == 2
    assert statuses(house, "subscription") == ["incomplete_expired", "active"]
    assert dead(house) == []


def lapse_unheard(house: House) -> None:
    house.hears = False
    house.sandbox.world.clock.advance(timedelta(hours=24))
    with house.sandbox.world.store.lock:
        settle(house.books())


@pytest.mark.parametrize("method", ["card", pytest.param("sepa_debit", marks=pytest.mark.long)])
def test_other_stripe_account_begins_anew(house: House, method: str) -> None:
    purchase = house.bought("5101", "card_declined")
    connect_stripe(house.runtime, house.tenant_id, OTHER.stripe_key, "fr", who=US, confirmed=True)
    house.account = replace(house.account, stripe=OTHER.stripe, stripe_key=OTHER.stripe_key)
    keep_webhooks_for_the_test(house)

    paid = pay(house, purchase, method)

    assert paid.status == ("paid" if method == "card" else "pending")
    assert paid.stripe_customer_id != purchase.stripe_customer_id
    assert dead(house) == []


def test_page_that_is_gone_is_replaced(house: House) -> None:
    purchase = house.accepted("5101")
    remove(house, "checkout.session")

    assert pay(house, purchase, "sepa_debit").status == "pending"
    assert dead(house) == []


def test_invoice_voided_unheard_begins_anew(house: House) -> None:
    purchase = house.bought("5102", "card_declined")
    house.hears = False
    invoice: dict[str, Any] = house.stripe("invoice")[0]
    stripe_client(house.runtime, house.tenant_id).void_invoice(invoice["id"], "the seller")

    house.hears = True
    paid = pay(house, purchase)

    assert (paid.status, paid.generation) == ("paid", 2)
    assert statuses(house, "invoice") == ["void", "paid"]


@pytest.mark.parametrize("choice", ["card_ok", "sepa_ok"])
def test_old_generation_that_was_paid_after_all_is_followed(house: House, choice: str) -> None:
    """The answer of the first call was lost, and what it made is hidden from a read by its id."""
    purchase = house.bought("5102", "card_declined")
    house.hears = False
    stripe = stripe_client(house.runtime, house.tenant_id)
    with house.sandbox.world.store.lock:
        books = house.books()
        from sandbox.stripe import payment_methods  # noqa: PLC0415

        method = payment_methods.attach(books, choice, purchase.stripe_customer_id)
    invoice_id = purchase.stripe_invoice_id or ""
    stripe.pay_invoice(invoice_id, method["id"], "by hand", off_session=True)
    with house.runtime.database.writing(house.tenant_id) as session:
        session.get_one(Purchase, purchase.id).stripe_invoice_id = "in_gone"

    again = pay(house, purchase)

    assert again.generation == 1
    assert again.status == ("paid" if choice == "card_ok" else "pending")
    assert len(house.stripe("invoice")) == 1
    assert statuses(house, "charge").count("succeeded") == (choice == "card_ok")
