"""The money's ladder climbed with the sandbox's Stripe: what she does there, and what is so after.

Amounts are the hand-written ones of sandbox/hubspot/expected_amounts.json.
"""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from app.models import Proposal, Purchase
from sandbox.stripe import discounts
from tests.support.house import House

ROOT = Path(__file__).parents[2]
EXPECTED: dict[str, Any] = json.loads(
    (ROOT / "sandbox/hubspot/expected_amounts.json").read_text(encoding="utf-8")
)
DEALS = {
    "5101": "monthly_coworking",
    "5102": "room_hire",
    "5103": "membership_with_fee",
    "5104": "yearly_gbp",
    "5105": "one_off_jpy",
}
CUSTOMER = "jeanne@atelier-martin.example"
REP = "dana@maison.example"


def kinds(house: House, status: str = "done") -> list[str]:
    return [m.kind for m in house.messages(status=status)]


def one_of_each(house: House, recurring: int = 1) -> bool:
    """Nothing was made twice at Stripe."""
    counts = [len(house.stripe(kind)) for kind in ("customer", "invoice", "subscription")]
    return counts == [1, 1, recurring]


@pytest.mark.parametrize(("deal", "name"), DEALS.items())
def test_each_example_is_paid_to_the_cent(house: House, deal: str, name: str) -> None:
    recipient = "1104" if deal == "5103" else None
    expected = EXPECTED[name]

    purchase = house.bought(deal, recipient=recipient)

    invoice = house.stripe("invoice")[0]
    assert purchase.status == "paid"
    assert invoice["total"] == invoice["amount_paid"] == expected["due_now"]
    assert invoice["currency"].upper() == expected["currency"]
    assert one_of_each(house, recurring=1 if expected["recurring"] else 0)
    assert house.open_errors() == []


@pytest.mark.parametrize("deal", ["5101", "5102"])
def test_paid_at_once_tells_everybody_once(house: House, deal: str) -> None:
    house.bought(deal)

    invoice = house.stripe("invoice")[0]
    paid = [m for m in house.mails() if m["attachments"]]
    to_rep = house.mails(REP)
    properties = house.deal(deal)
    assert [a["type"] for m in paid for a in m["attachments"]] == ["application/pdf"] * 2
    assert len(to_rep) == 2
    assert len(house.posts()) == 2
    assert properties["propale_payment_status"] == "paid"
    assert properties["propale_last_invoice"] == invoice["number"]
    assert properties["propale_stripe_customer"] == house.stripe("customer")[0]["id"]
    assert properties["dealstage"] == "closedwon"


def test_three_ds_on_stripes_page_is_paid_like_any(house: House) -> None:
    purchase = house.bought("5101", "card_3ds_now")

    assert purchase.status == "paid"
    assert one_of_each(house)


@pytest.mark.parametrize(
    ("deal", "recurring"), [("5101", 1), pytest.param("5102", 0, marks=pytest.mark.long)]
)
def test_three_ds_while_she_waits_needs_no_mail(house: House, deal: str, recurring: int) -> None:
    purchase = house.accepted(deal)

    house.enter(purchase, "card_3ds_at_charge")
    house.come_back(purchase)
    house.settle()

    asked = house.purchase(purchase.id)
    assert asked.status == "action_needed"
    assert asked.hosted_invoice_url == house.stripe("invoice")[0]["hosted_invoice_url"]
    assert house.stripe("payment_intent")[0]["status"] == "requires_action"
    confirm(house)
    assert house.purchase(purchase.id).status == "paid"
    house.retry()
    assert "email.action_needed" not in kinds(house)
    assert one_of_each(house, recurring)


def confirm(house: House) -> None:
    """She says yes on her bank's page."""
    intent = house.stripe("payment_intent")[0]
    url = f"{house.runtime.settings.stripe_api_base}/3ds/{intent['id']}"
    answer = requests.post(url, data={"answer": "confirm"}, timeout=5)
    assert answer.ok, answer.text
    house.settle()


def test_three_ds_after_she_left_comes_by_mail(house: House) -> None:
    purchase = house.bought("5101", "card_3ds_at_charge")

    mail = house.mails(CUSTOMER)[-1]
    assert purchase.status == "action_needed"
    assert re.search(r"/p/[\w-]+/invoice\b", mail["text"])
    assert house.deal("5101")["propale_payment_status"] == "action_needed"


@pytest.mark.parametrize(
    ("deal", "recurring"),
    [("5101", 1), ("5102", 0), pytest.param("5104", 1, marks=pytest.mark.long)],
)
def test_declined_then_another_card_pays_same_invoice(
    house: House, deal: str, recurring: int
) -> None:
    declined = house.bought(deal, "card_declined")
    told = kinds(house)

    again = house.ask_again(declined)
    house.enter(again, "card_ok")
    house.settle()

    assert declined.status == "failed"
    assert {"email.payment_failed", "email.rep_failed"} <= set(told)
    assert house.purchase(declined.id).status == "paid"
    assert one_of_each(house, recurring)
    assert house.stripe("invoice")[0]["status"] == "paid"
    assert len(house.posts()) == 2


def test_declined_twice_says_so_twice(house: House) -> None:
    purchase = house.bought("5101", "card_declined")

    again = house.ask_again(purchase)
    house.enter(again, "card_declined")
    house.settle()

    assert house.purchase(purchase.id).status == "failed"
    assert kinds(house).count("email.payment_failed") == 2
    assert one_of_each(house)


def test_other_card_renews_the_subscription_later(house: House) -> None:
    purchase = house.bought("5101", "card_declined")
    again = house.ask_again(purchase)
    house.enter(again, "card_ok")
    house.settle()

    house.pass_time(days=32)

    assert [i["status"] for i in house.stripe("invoice")] == ["paid", "paid"]
    assert house.purchase(purchase.id).status == "paid"


@pytest.mark.parametrize("deal", ["5101", pytest.param("5102", marks=pytest.mark.long)])
def test_sepa_is_pending_then_paid(house: House, deal: str) -> None:
    pending = house.bought(deal, "sepa_ok", "sepa_debit")
    posts = len(house.posts())

    house.pass_time(days=6)

    assert pending.status == "pending"
    assert posts == 1
    assert house.purchase(pending.id).status == "paid"
    assert len(house.posts()) == 2
    assert len(house.stripe("charge")) == 1


@pytest.mark.parametrize("deal", [pytest.param("5101", marks=pytest.mark.long), "5102"])
def test_sepa_is_pending_then_failed(house: House, deal: str) -> None:
    pending = house.bought(deal, "sepa_bounces", "sepa_debit")

    house.pass_time(days=6)

    failed = house.purchase(pending.id)
    assert pending.status == "pending"
    assert failed.status == "failed"
    assert kinds(house).count("email.rep_failed") == 1
    assert len(house.stripe("charge")) == 1
    assert house.deal(deal)["propale_payment_status"] == "failed"


def test_sepa_failed_then_card_pays_same_invoice(house: House) -> None:
    purchase = house.bought("5101", "sepa_bounces", "sepa_debit")
    house.pass_time(days=6)

    again = house.ask_again(purchase, "card")
    house.enter(again, "card_ok")
    house.settle()

    assert house.purchase(purchase.id).status == "paid"
    assert one_of_each(house)


def test_renewal_brings_one_mail_with_two_pdfs(house: House) -> None:
    house.bought("5101")
    mails, posts = len(house.mails()), len(house.posts())

    house.pass_time(days=32)

    new = house.mails()[mails:]
    assert [i["billing_reason"] for i in house.stripe("invoice")] == [
        "subscription_create",
        "subscription_cycle",
    ]
    assert [m["to"] for m in new] == [[CUSTOMER]]
    assert [a["type"] for a in new[0]["attachments"]] == ["application/pdf"] * 2
    assert house.stripe("invoice")[1]["number"] in new[0]["text"]
    assert len(house.posts()) == posts
    assert house.deal("5101")["propale_last_invoice"] == house.stripe("invoice")[1]["number"]


def test_failed_renewal_is_past_due_and_told(house: House) -> None:
    purchase = house.bought("5101", "card_fails_later")

    house.pass_time(days=32)

    assert purchase.status == "paid"
    assert house.purchase(purchase.id).status == "past_due"
    assert kinds(house).count("email.rep_renewal_failed") == 1
    assert house.deal("5101")["propale_payment_status"] == "past_due"


def test_setup_told_by_page_and_event_bills_once(house: House) -> None:
    purchase = house.accepted("5102")
    house.enter(purchase)

    house.come_back(purchase)
    house.come_back(purchase)
    house.carry()
    house.settle()

    assert house.purchase(purchase.id).status == "paid"
    assert one_of_each(house, recurring=0)
    assert len(house.stripe("charge")) == 1


def test_event_carried_twice_tells_once(house: House) -> None:
    house.bought("5101")
    mails, posts = len(house.mails()), len(house.posts())

    for event in house.events():
        assert house.post_event(event).status_code == 200
    house.settle()

    assert (len(house.mails()), len(house.posts())) == (mails, posts)


def test_events_in_any_order_end_the_same(house: House) -> None:
    purchase = house.accepted("5101")
    house.enter(purchase)
    house.come_back(purchase)
    house.drain.run()

    for event in reversed(house.events()):
        house.post_event({**event, "id": f"{event['id']}late"})
    house.settle()

    assert house.purchase(purchase.id).status == "paid"
    assert kinds(house).count("email.invoice_paid") == 1


def give_balance(house: House, purchase: Purchase) -> None:
    customer = house.books().get("customer", purchase.stripe_customer_id)
    house.books().save({**customer, "balance": -1000})


def give_discount(house: House, purchase: Purchase) -> None:
    discounts.give(house.books(), purchase.stripe_customer_id, percent_off="10")


@pytest.mark.parametrize(
    ("deal", "give"),
    [
        ("5101", give_discount),
        ("5102", give_balance),
        pytest.param("5101", give_balance, marks=pytest.mark.long),
        pytest.param("5102", give_discount, marks=pytest.mark.long),
    ],
)
def test_credit_before_the_charge_holds_it(house: House, deal: str, give: Any) -> None:
    purchase = house.accepted(deal)
    give(house, purchase)

    house.enter(purchase)
    house.settle()
    house.pass_time(days=2)

    held = house.purchase(purchase.id)
    assert held.status == "held"
    assert house.stripe("charge") == []
    assert house.stripe("subscription") == []
    assert "rien n’a été débité" in house.deal(deal)["propale_problem"]
    assert kinds(house).count("email.rep_held") == 1
    assert held.problem
    assert house.open_errors() == []


def test_credit_after_the_lines_never_charges(house: House) -> None:
    purchase = house.accepted("5102")
    house.fail("stripe", method="POST", path="/v1/invoices/*/finalize", cut="before")
    house.enter(purchase)
    house.settle()
    give_balance(house, purchase)

    house.retry()
    house.pass_time(days=2)

    assert house.purchase(purchase.id).status == "held"
    assert house.stripe("charge") == []


def test_invoice_news_before_the_charge_is_no_failure(house: House) -> None:
    purchase = house.accepted("5102")
    house.fail("stripe", method="POST", path="/v1/invoices/*/pay", cut="before")
    house.enter(purchase)
    house.settle()

    news = {**house.events()[-1], "id": "evt_news", "type": "invoice.updated"}
    house.post_event({**news, "data": {"object": house.stripe("invoice")[0]}})
    house.settle()
    between = house.purchase(purchase.id).status
    house.retry()

    assert between == "awaiting_method"
    assert house.purchase(purchase.id).status == "paid"
    assert "email.payment_failed" not in kinds(house)


def test_lost_decline_is_told_once(house: House) -> None:
    purchase = house.accepted("5102")
    house.fail("stripe", method="POST", path="/v1/invoices/*/pay", cut="after")
    house.enter(purchase, "card_declined")
    house.settle()

    house.retry()

    assert house.purchase(purchase.id).status == "failed"
    assert kinds(house).count("email.payment_failed") == 1
    assert len(house.stripe("charge")) == 1
    assert house.open_errors() == []


def test_unpaid_first_invoice_lapses_then_new_objects(house: House) -> None:
    purchase = house.bought("5101", "card_declined")
    house.pass_time(hours=24)

    again = house.ask_again(purchase)
    house.enter(again, "card_ok")
    house.settle()

    assert house.purchase(purchase.id).status == "paid"
    assert [s["status"] for s in house.stripe("subscription")] == ["incomplete_expired", "active"]
    assert [i["status"] for i in house.stripe("invoice")] == ["void", "paid"]
    assert len(house.stripe("customer")) == 1


def test_second_purchase_reuses_customer_and_catalogue(house: House) -> None:
    purchase = house.bought("5101")
    with house.runtime.database.writing(house.tenant_id) as session:
        session.get_one(Proposal, purchase.proposal_id).status = "expired"
    house.forget_calls()

    house.buy("5101")

    assert len(house.stripe("customer")) == 1
    assert len(house.stripe("product")) == 1
    assert len(house.stripe("tax_rate")) == 1


def test_reminders_come_once_each(house: House) -> None:
    house.accepted("5101")

    house.pass_time(hours=1, minutes=1)
    first = len(house.mails(CUSTOMER))
    house.pass_time(hours=23)
    house.pass_time(hours=1)

    assert first == 2
    assert kinds(house).count("email.reminder_1h") == 1
    assert kinds(house).count("email.reminder_24h") == 1
    assert kinds(house).count("email.rep_still_waiting") == 1


def test_paid_meanwhile_no_reminder_goes_out(house: House) -> None:
    house.bought("5101")
    mails = len(house.mails())

    house.pass_time(days=2)

    assert len(house.mails()) == mails


def test_wall_time_is_never_moved(house: House) -> None:
    before = house.sandbox.world.clock.wall()

    house.pass_time(days=40)

    assert house.sandbox.world.clock.wall() - before < timedelta(minutes=1)
