"""A dead letter that a person sends again: done once, and what its death showed is gone."""

from collections.abc import Callable

import pytest

from app.commands.messages import messages
from app.errors import AppError
from app.models import Purchase
from tests.support.house import House
from tests.workers.test_problems import (
    customer_has_no_mailbox,
    news_cannot_be_read,
    rep_has_no_mailbox,
    slack_refuses,
)
from tests.workers.told import accepted, tell

POST = "/api/chat.postMessage"


def again(house: House, kind: str) -> None:
    messages(house.runtime.database, ["again", "--kind", kind, "--dead"], "en")
    house.sandbox.world.faults.clear()
    house.settle()


@pytest.mark.parametrize(
    ("happen", "kind"),
    [
        (slack_refuses, "slack.accepted"),
        (rep_has_no_mailbox, "email.rep_accepted"),
        (customer_has_no_mailbox, "email.proposal_sent"),
        (news_cannot_be_read, "inbox.stripe"),
    ],
)
def test_success_takes_the_problem_from_card_and_deal(
    house: House, happen: Callable[[House], None], kind: str
) -> None:
    happen(house)
    letters = {letter.kind for letter in house.messages(status="dead")}

    for letter in letters:
        again(house, letter)

    assert kind in letters
    assert house.open_errors() == []
    assert house.view("5101")["message"] is None
    assert house.deal("5101")["propale_problem"] == ""


def test_dropped_letter_takes_its_problem_along(house: House) -> None:
    slack_refuses(house)
    letter = house.messages("slack.accepted", "dead")[0]

    messages(house.runtime.database, ["drop", str(letter.id), "--because", "told by phone"], "en")
    house.settle()

    assert house.view("5101")["message"] is None
    assert house.deal("5101")["propale_problem"] == ""


def test_post_of_unknown_outcome_is_looked_for_before_a_repeat(house: House) -> None:
    house.fail("slack", path=POST, cut="after")
    tell(house, "slack.paid", accepted(house))
    house.settle()
    house.fail("slack", path="/api/conversations.history", status=400)
    house.hurry()
    house.settle()
    assert house.message("slack.paid").status == "dead"

    again(house, "slack.paid")

    assert house.message("slack.paid").status == "done"
    assert len(house.posts()) == 1


def test_mail_of_unknown_outcome_goes_once_more_and_no_oftener(house: House) -> None:
    tell(house, "email.rep_accepted", accepted(house))
    for _ in range(2):
        house.fail("mail", method="DATA", cut="after")
        house.hurry()
        house.settle()
    assert house.message("email.rep_accepted").status == "dead"

    messages(house.runtime.database, ["again", "--kind", "email.rep_accepted"], "en")
    house.fail("mail", method="DATA", cut="after")
    house.settle()

    assert house.message("email.rep_accepted").status == "dead"
    assert len(house.mails()) == 3
    assert len({mail["message_id"] for mail in house.mails()}) == 1


def refused_by_crm(house: House) -> None:
    assert house.click("5101").status_code == 202
    house.fail("hubspot", method="GET", path="/crm/objects/2026-09/deals/5101", status=400)
    house.settle()


def refused_by_stripe(house: House) -> None:
    assert house.click("5101").status_code == 202
    house.fail("stripe", path="/v1/invoices/create_preview", status=400)
    house.settle()


def page_overtaken(house: House) -> None:
    proposal = house.sent("5101")
    house.fail("stripe", path="/v1/checkout/sessions", status=400)
    house.ask_again(house.accept(proposal), "sepa_debit")


def billing_overtaken(house: House) -> None:
    house.ask_again(billing_refused(house), "card")


def billing_refused(house: House) -> Purchase:
    purchase = house.accepted("5101")
    house.fail("stripe", method="POST", path="/v1/subscriptions", status=400)
    house.enter(purchase)
    house.settle()
    return purchase


@pytest.mark.parametrize(
    ("happen", "kind", "words"),
    [
        (refused_by_crm, "hubspot.prepare_proposal", "the rep has the button back"),
        (refused_by_stripe, "stripe.check_proposal", "the rep has the button back"),
        (page_overtaken, "stripe.open_page", "has chosen again"),
        (billing_overtaken, "stripe.start_billing", "has chosen again"),
    ],
)
def test_what_nothing_would_come_of_is_said(
    house: House,
    happen: Callable[[House], object],
    kind: str,
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    happen(house)
    [letter] = house.messages(kind, "dead")

    with pytest.raises(AppError, match=words):
        messages(house.runtime.database, ["again", str(letter.id)], "en")
    again(house, kind)

    assert words in capsys.readouterr().out
    assert [row.id for row in house.messages(kind, "dead")] == [letter.id]


def test_payment_that_died_is_made_after_all(house: House) -> None:
    purchase = billing_refused(house)
    assert house.purchase(purchase.id).status == "held"

    again(house, "stripe.start_billing")

    assert house.purchase(purchase.id).status == "paid"
    assert len(house.stripe("subscription")) == 1
    assert house.purchase(purchase.id).problem == ""
    assert house.open_errors() == []


def test_payment_is_not_made_by_a_method_she_has_replaced(house: House) -> None:
    purchase = billing_refused(house)
    house.fail("stripe", path="/v1/checkout/sessions", method="POST", status=503)
    house.ask_again(purchase, "sepa_debit")
    letter = house.messages("stripe.start_billing", "dead")[0]

    messages(house.runtime.database, ["again", str(letter.id)], "en")
    house.settle()

    assert house.message("stripe.start_billing").status == "ignored"
    assert house.purchase(purchase.id).status == "held"


def test_account_that_was_told_to_wait_is_asked_at_once(house: House) -> None:
    purchase = accepted(house)
    wait = {"status": 429, "headers": {"Retry-After": "1800"}}
    house.fail("slack", path=POST, **wait)
    tell(house, "slack.paid", purchase)
    house.settle()
    assert house.message("slack.paid").status == "pending"

    messages(house.runtime.database, ["again", "--kind", "slack.paid"], "en")
    house.settle()

    assert house.message("slack.paid").status == "done"


def test_what_was_done_is_not_sent_again(house: House) -> None:
    house.sent("5101")

    with pytest.raises(AppError, match="Done already"):
        messages(house.runtime.database, ["again", str(house.messages()[0].id)], "en")
