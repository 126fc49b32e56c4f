"""Purchases beside Stripe's objects: what no event told is found, read, or said to a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from app.models import Message
from sandbox.stripe import subscriptions
from tests.support.house import ON_BOTH_AT_LENGTH, House, Record
from tests.support.lost import webhooks_lost
from tests.workers.reconciling import IN_STEP, rows, writes

if TYPE_CHECKING:
    from tests.workers.reconciling import Typed


def nothing_more(house: House, run: Typed) -> None:
    """Everything is in step, and the next run writes nothing anywhere."""
    house.settle()
    before = rows(house)
    house.forget_calls()
    assert run("--repair") == IN_STEP
    assert (rows(house), writes(house)) == (before, [])


def left_alone(house: House, run: Typed) -> str:
    """Run with repair: nothing may be written; returns what was said."""
    before = rows(house)
    house.forget_calls()
    status, printed = run("--repair")
    assert (status, rows(house), writes(house)) == (1, before, [])
    assert "[to do]" in printed
    return printed


def plant(house: House, kind: str, **changes: object) -> Record:
    """A copy of the newest object of a kind, with changes: as if it had been made twice."""
    made = {**house.stripe(kind)[-1], **changes}
    with house.sandbox.world.store.lock:
        return house.books().save(made)


def test_method_entered_that_no_event_told_is_billed(house: House, run: Typed) -> None:
    purchase = house.accepted("5101")
    with webhooks_lost(house, listed=False):
        house.enter(purchase)

    status, printed = run("--repair")
    house.settle()

    assert status == 0
    assert "The customer entered a payment method, and nothing was billed." in printed
    assert house.purchase(purchase.id).status == "paid"
    assert len(house.stripe("subscription")) == 1
    nothing_more(house, run)


@pytest.mark.parametrize("listed", [True, False])
def test_method_entered_long_ago_is_said_and_not_billed(
    house: House, run: Typed, *, listed: bool
) -> None:
    purchase = house.accepted("5101")
    with webhooks_lost(house, listed=listed):
        house.enter(purchase)
        house.pass_time(days=8)

    printed = left_alone(house, run)

    assert "entered a payment method on a page opened on" in printed
    assert house.stripe("subscription") == []


def test_two_paid_invoices_of_one_purchase_are_said(house: House, run: Typed) -> None:
    purchase = house.bought("5102")
    plant(house, "invoice", id="in_twin")
    run("--repair")
    house.settle()

    printed = left_alone(house, run)

    assert f"invoices {purchase.stripe_invoice_id} and in_twin are both paid" in printed


@ON_BOTH_AT_LENGTH
def test_debit_that_was_paid_unheard_is_applied(house: House, run: Typed) -> None:
    purchase = house.bought("5101", "sepa_ok", "sepa_debit")
    with webhooks_lost(house, listed=False):
        house.pass_time(days=6)
    assert house.purchase(purchase.id).status == "pending"

    status, printed = run("--repair")
    house.settle()

    assert status == 0
    assert "is paid in Stripe, and we do not know it" in printed
    assert house.purchase(purchase.id).status == "paid"
    nothing_more(house, run)


def test_debit_that_bounced_unheard_is_applied(house: House, run: Typed) -> None:
    purchase = house.bought("5101", "sepa_bounces", "sepa_debit")
    with webhooks_lost(house, listed=False):
        house.pass_time(days=6)
    assert house.purchase(purchase.id).status == "pending"

    status, printed = run("--repair")
    house.settle()

    assert status == 0
    assert "Stripe says “to be paid, payment refused”, and we say “In progress”." in printed
    assert house.purchase(purchase.id).status == "failed"
    nothing_more(house, run)


def test_debit_under_way_is_in_step(house: House, run: Typed) -> None:
    house.bought("5101", "sepa_ok", "sepa_debit")

    assert run() == IN_STEP


def test_renewal_that_was_paid_unheard_is_mailed_once(house: House, run: Typed) -> None:
    house.bought("5101")
    with webhooks_lost(house, listed=False):
        house.pass_time(days=32)
    before = len(house.messages("email.invoice_paid"))

    status, _ = run("--repair")
    house.settle()

    assert (status, len(house.messages("email.invoice_paid"))) == (0, before + 1)
    nothing_more(house, run)


def test_subscription_that_ended_unheard_is_applied(house: House, run: Typed) -> None:
    purchase = house.bought("5101")
    with webhooks_lost(house, listed=False), house.sandbox.world.store.lock:
        subscriptions.end(house.books(), house.stripe("subscription")[-1], "canceled")

    status, printed = run("--repair")
    house.settle()

    assert (status, "Stripe says “cancelled”, and we say “Paid”" in printed) == (0, True)
    assert house.purchase(purchase.id).status == "cancelled"
    nothing_more(house, run)


def test_what_reading_again_does_not_settle_is_left_to_a_person(house: House, run: Typed) -> None:
    house.bought("5101", "sepa_ok", "sepa_debit")
    with webhooks_lost(house, listed=False):
        house.pass_time(days=6)
    run("--repair")
    with house.runtime.database.writing(house.tenant_id) as session:
        read = update(Message).where(Message.kind == "inbox.stripe")
        session.execute(read.values(status="ignored"))

    printed = left_alone(house, run)

    assert "do not say the same of this payment, not even after another reading" in printed


def test_two_customers_of_one_buyer_are_said(house: House, run: Typed) -> None:
    purchase = house.bought("5101")
    plant(house, "customer", id="cus_twin")

    printed = left_alone(house, run)

    assert f"Propale uses {purchase.stripe_customer_id}" in printed
    assert "the other one (cus_twin)" in printed


def test_two_subscriptions_of_one_purchase_are_said(house: House, run: Typed) -> None:
    purchase = house.bought("5101")
    plant(house, "subscription", id="sub_twin")

    printed = left_alone(house, run)

    assert f"Propale follows {purchase.stripe_subscription_id}" in printed
    assert "the other one (sub_twin)" in printed


def test_ended_twin_is_no_difference(house: House, run: Typed) -> None:
    house.bought("5101")
    plant(house, "subscription", id="sub_twin", status="canceled")

    assert run() == IN_STEP


def test_test_and_live_mixed_are_said(house: House, run: Typed) -> None:
    house.bought("5101")
    plant(house, "subscription", livemode=True)

    printed = left_alone(house, run)

    assert "test and live are mixed" in printed


@pytest.mark.parametrize(("deal", "kind"), [("5101", "subscription"), ("5102", "invoice")])
def test_object_that_is_gone_is_said(house: House, run: Typed, deal: str, kind: str) -> None:
    house.bought(deal)
    gone = house.stripe(kind)[-1]["id"]
    with house.sandbox.world.store.lock:
        house.books().table(kind).pop(gone)

    printed = left_alone(house, run)

    assert f"({gone})" in printed
    assert "This payment does not exist in the connected Stripe account." in printed


def test_paid_invoice_of_a_purchase_we_lack_is_said(house: House, run: Typed) -> None:
    purchase = house.bought("5102")
    marks = {"propale_purchase": "0b9f5c5e-0000-4000-8000-000000000001"}
    plant(house, "invoice", id="in_stranger", metadata=marks)

    printed = left_alone(house, run)

    assert "(in_stranger)" in printed
    assert "Money moves in Stripe for a purchase that Propale does not know." in printed
    assert purchase.public_id not in printed


def test_message_that_died_is_said_and_not_sent_again(house: House, run: Typed) -> None:
    proposal = house.sent("5101")
    house.fail("slack", path="/api/chat.postMessage", status=400)
    house.accept(proposal)
    dead = house.messages("", "dead")
    assert [message.kind for message in dead] == ["slack.accepted"]

    printed = left_alone(house, run)

    assert "is no longer tried: telling Slack of the acceptance" in printed
    assert f'./propale messages drop {dead[0].id} --because "..."' in printed


def test_message_that_waits_for_days_is_said(house: House, run: Typed) -> None:
    proposal = house.sent("5101")
    house.fail("slack", path="/api/chat.postMessage", status=503, times=99)
    house.accept(proposal)
    assert run() == IN_STEP
    with house.runtime.database.writing(house.tenant_id) as session:
        waiting = update(Message).where(Message.kind == "slack.accepted")
        old = house.message("slack.accepted").created_at.replace(year=2020)
        session.execute(waiting.values(created_at=old))

    printed = left_alone(house, run)

    assert "2020: telling Slack of the acceptance." in printed


def test_purchase_in_work_is_no_difference(house: House, run: Typed) -> None:
    purchase = house.accepted("5101")
    with webhooks_lost(house, listed=False):
        house.enter(purchase)
    house.come_back(purchase)

    assert run() == IN_STEP
