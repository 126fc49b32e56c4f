"""What a rep sees of a dead letter, on card and deal, until what it is about is over."""

from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from app.billing.purchases import ask_for_invoice
from app.models import DealProblem, Proposal, Purchase
from app.proposals.close import withdraw_proposal
from app.proposals.lifecycle import ProposalStatus
from app.proposals.transitions import move
from tests.support.house import House
from tests.workers.test_second_tries import path_of

PATCH = "/crm/objects/2026-09/deals/5101"


def slack_refuses(house: House) -> None:
    proposal = house.sent("5101")
    never = {"ok": False, "error": "invalid_blocks"}
    house.fail("slack", path="/api/chat.postMessage", status=200, body=never)
    house.accept(proposal)


def rep_has_no_mailbox(house: House) -> None:
    proposal = house.sent("5101")
    house.fail("mail", method="RCPT", status=550, body="No such user here")
    house.accept(proposal)


def customer_has_no_mailbox(house: House) -> None:
    house.fail("mail", method="RCPT", status=550, body="No such user here")
    house.send("5101")


def news_cannot_be_read(house: House) -> None:
    purchase = house.accepted("5101")
    house.fail("stripe", method="GET", path="/v1/invoices/*", status=400, times=9)
    house.enter(purchase)
    house.settle()


SHOWN: dict[Callable[[House], None], tuple[str, str]] = {
    slack_refuses: ("slack.accepted", "L’équipe n’a pas reçu le message de Slack"),
    rep_has_no_mailbox: ("email.rep_accepted", "Un e-mail à dana@maison.example"),
    customer_has_no_mailbox: ("email.proposal_sent", "L’e-mail à jeanne@atelier-martin.example"),
    news_cannot_be_read: ("inbox.stripe", "Une nouvelle de Stripe n’a pas pu être lue"),
}


@pytest.mark.parametrize("happen", SHOWN, ids=[kind for kind, _ in SHOWN.values()])
def test_dead_letter_is_a_sentence_on_card_and_deal(
    house: House, happen: Callable[[House], None]
) -> None:
    kind, words = SHOWN[happen]

    happen(house)

    assert "dead" in {m.status for m in house.messages(kind)}
    assert (house.view("5101")["message"] or "").startswith(words)
    assert house.deal("5101")["propale_problem"].startswith(words)


def refuse_push(house: House) -> None:
    """Take neither the status with its stage nor then the status alone."""
    house.fail("hubspot", method="PATCH", path=PATCH, status=400, times=2)


def test_push_that_died_is_said_on_the_card_until_the_next_one(house: House) -> None:
    refuse_push(house)
    proposal = house.send("5101")
    behind = house.view("5101")["message"]

    house.accept(proposal)

    assert behind.startswith("HubSpot n’a pas pu être mis à jour")
    assert house.view("5101")["message"] is None
    assert house.deal("5101")["propale_problem"] == ""


def test_push_that_died_adds_no_push_of_its_own(house: House) -> None:
    refuse_push(house)

    house.send("5101")

    assert [m.status for m in house.messages("hubspot.sync_deal")] == ["dead"]


def test_refused_properties_are_said_on_the_connections_page(house: House) -> None:
    for kind in ("hubspot.create_properties", "hubspot.read_stages"):
        house.fail("hubspot", status=400, times=2)
        house.again(kind)
        assert house.message(kind).status == "dead"
        assert "HubSpot a refusé" in house.connection("hubspot").problem

        house.sandbox.world.faults.clear()
        house.again(kind)
        assert house.connection("hubspot").problem == ""


def test_withdrawn_proposal_needs_its_mail_no_more(house: House) -> None:
    customer_has_no_mailbox(house)
    with house.runtime.database.writing(house.tenant_id) as session:
        proposal = session.get_one(Proposal, house.proposal("5101").id)
        withdraw_proposal(session, proposal, house.runtime.clock.now())
    house.settle()

    assert house.view("5101")["message"] is None
    assert house.deal("5101")["propale_problem"] == ""


def test_new_proposal_begins_without_problems(house: House) -> None:
    rep_has_no_mailbox(house)
    with house.runtime.database.writing(house.tenant_id) as session:
        proposal = session.get_one(Proposal, house.proposal("5101").id)
        proposal.status = "draft"
        session.flush()

        move(session, proposal, ProposalStatus.SENT)

    assert house.read(lambda session: session.query(DealProblem).all()) == []


def problem_in_crm(house: House) -> str:
    return house.deal("5101")["propale_problem"]


def test_page_that_opens_after_all_ends_its_problem_in_the_crm(house: House) -> None:
    purchase = house.accepted("5101")
    house.fail("stripe", method="POST", path="/v1/checkout/sessions", status=400)
    house.ask_again(purchase, "sepa_debit")
    stopped = problem_in_crm(house)

    house.ask_again(purchase, "card")

    assert stopped
    assert problem_in_crm(house) == ""
    assert house.view("5101")["message"] is None


def test_next_click_ends_the_refusal_of_the_one_before(house: House) -> None:
    house.fail("hubspot", method="GET", path=PATCH, status=400, skip=1)
    assert house.click("5101").status_code == 202
    house.settle()
    stopped = problem_in_crm(house)
    house.fail("stripe", path="/v1/invoices/create_preview", status=503)

    assert house.click("5101").status_code == 202
    house.settle()

    assert stopped
    assert house.message("stripe.check_proposal").status == "pending"
    assert problem_in_crm(house) == ""


def test_stage_that_is_taken_ends_the_problem_of_the_one_before(house: House) -> None:
    rule = {"category": "VALIDATION_ERROR", "message": "A rule of the portal."}
    house.fail("hubspot", method="PATCH", path=PATCH, status=400, body=rule)
    proposal = house.send("5101")
    stopped = problem_in_crm(house)
    house.fail("stripe", method="POST", path="/v1/customers", status=503)

    house.accept(proposal)

    assert stopped
    assert len(house.messages("hubspot.sync_deal")) == 2
    assert problem_in_crm(house) == ""
    assert house.view("5101")["message"] is None


@pytest.fixture
def paid(house: House) -> Purchase:
    """Paid, and its invoice was read long ago."""
    purchase = house.bought("5101", "card_3ds_at_charge")
    with house.runtime.database.writing(house.tenant_id) as session:
        session.get_one(Purchase, purchase.id).invoice_read_at = None
    return purchase


def click_invoice(house: House, purchase: Purchase) -> TestResponse:
    """The customer follows the link to her invoice, while somebody works what follows."""
    path = path_of(house, purchase)
    return house.work_meanwhile(lambda: house.app.test_client().get(f"{path}/invoice"))


def test_unreadable_invoice_dies_once_however_often_asked_for(
    house: House, paid: Purchase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.web.onward.PATIENCE_SECONDS", 0.2)
    house.fail("stripe", path=f"/v1/invoices/{paid.newest_invoice_id}", status=400, times=9)

    click_invoice(house, paid)
    house.settle()
    again = [click_invoice(house, paid) for _ in range(2)]

    assert {page.location for page in again} == {paid.hosted_invoice_url}
    assert [m.status for m in house.messages("stripe.read_invoice")] == ["dead"]
    assert house.view("5101")["message"].startswith("Le client ne peut pas ouvrir une facture")


def test_newer_reading_settles_the_one_that_died(house: House, paid: Purchase) -> None:
    house.fail("stripe", path=f"/v1/invoices/{paid.newest_invoice_id}", status=400)
    with house.runtime.database.writing(house.tenant_id) as session:
        ask_for_invoice(session, session.get_one(Purchase, paid.id))
    house.settle()
    with house.runtime.database.writing(house.tenant_id) as session:
        ask_for_invoice(session, session.get_one(Purchase, paid.id))
    house.settle()

    assert [m.status for m in house.messages("stripe.read_invoice")] == ["ignored", "done"]
    assert house.view("5101")["message"] is None


def test_later_push_settles_the_one_that_died(house: House) -> None:
    refuse_push(house)
    proposal = house.send("5101")

    house.accept(proposal)

    assert house.messages("hubspot.sync_deal", "dead") == []
    assert "overtaken by message" in house.messages("hubspot.sync_deal", "ignored")[0].last_error
