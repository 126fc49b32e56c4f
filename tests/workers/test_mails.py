"""Each kind of mail: delivered, not repeated, tried again, given up; and the lost answer."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app import messages
from app.billing.purchases import subject_of
from app.clock import wall_now
from app.models import Connection, MailTest, PaidInvoice, Proposal, Purchase
from app.wording.mails import SHAPES
from tests.support.house import House, Record
from tests.workers.test_second_tries import choose
from tests.workers.told import STATUS, accepted, proposal_of, tell

PLAIN = sorted(set(SHAPES) - {"invoice_paid"})
OUTDATED = sorted(name for name, shape in SHAPES.items() if shape.only_while)
READERS = {
    "customer": "jeanne@atelier-martin.example",
    "rep": "dana@maison.example",
    "owner": "bonjour@maison.example",
    "colleague": "dana@maison.example",
}


# Every kind with --long; the normal run has the first one of each reader.
FIRSTS = {SHAPES[name].reader: name for name in reversed(PLAIN)}.values()
ONE_A_READER = pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[] if name in FIRSTS else [pytest.mark.long]) for name in PLAIN],
)

Prepare = Callable[[str], Purchase]


@pytest.fixture
def prepare(house: House) -> Prepare:
    """Write the message of a kind with all it is about."""

    def written(name: str) -> Purchase:
        purchase = accepted(house, STATUS.get(name, "awaiting_method"))
        if SHAPES[name].only_offered:
            offer_again(house, purchase)
        if SHAPES[name].reader == "owner":
            lose_stripe(house)
        if SHAPES[name].reader == "colleague":
            ask_for_a_test(house)
        tell(
            house,
            f"email.{name}",
            purchase,
            user_id=7001,
            number=1,
            provider="stripe",
            reason="Parce que.",
            invoice_number="F-0001",
            invoice_minor=54_000,
        )
        return purchase

    return written


def ask_for_a_test(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        session.add(MailTest(user_id=7001, number=1, user_email="dana@maison.example"))


def offer_again(house: House, purchase: Purchase, **changed: Any) -> None:
    """The proposal stands as if nobody had answered it."""
    with house.runtime.database.writing(house.tenant_id) as session:
        proposal = session.get_one(Proposal, purchase.proposal_id)
        proposal.status = changed.get("status", "sent")
        proposal.valid_until = changed.get("valid_until", proposal.valid_until)


def lose_stripe(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        session.get_one(Connection, house.connection("stripe").id).status = "reconnect_needed"


@pytest.mark.parametrize("name", PLAIN)
def test_mail_reaches_its_reader(house: House, prepare: Prepare, name: str) -> None:
    prepare(name)

    house.drain.run()

    mail = house.mails()[0]
    assert mail["to"] == [READERS[SHAPES[name].reader]]
    assert mail["subject"]
    assert mail["text"]
    assert mail["html"]
    assert house.message(f"email.{name}").status == "done"


@ONE_A_READER
def test_mail_told_again_is_written_once(house: House, prepare: Prepare, name: str) -> None:
    purchase = prepare(name)
    house.drain.run()

    tell(house, f"email.{name}", purchase)
    house.drain.run()

    assert len(house.mails()) == 1


@ONE_A_READER
def test_mail_put_off_goes_out_later(house: House, prepare: Prepare, name: str) -> None:
    prepare(name)
    house.fail("mail", method="RCPT", status=451)
    house.drain.run()
    waiting = house.message(f"email.{name}")

    house.hurry()
    house.drain.run()

    assert (waiting.status, waiting.doubts) == ("pending", 0)
    assert house.message(f"email.{name}").status == "done"
    assert len(house.mails()) == 1


@ONE_A_READER
def test_refused_mail_is_a_dead_letter(house: House, prepare: Prepare, name: str) -> None:
    prepare(name)
    house.fail("mail", method="RCPT", status=550, body="No such user here")

    house.drain.run()

    dead = house.message(f"email.{name}")
    assert dead.status == "dead"
    assert "No such user here" in dead.last_error
    assert house.mails() == []


@pytest.mark.parametrize("name", OUTDATED)
def test_outdated_mail_stays_unwritten(house: House, name: str) -> None:
    purchase = accepted(house, "paid")
    tell(house, f"email.{name}", purchase)

    house.drain.run()

    assert house.message(f"email.{name}").status == "ignored"
    assert house.mails() == []


@pytest.mark.parametrize("status", ["withdrawn", "declined", "expired", "accepted"])
def test_offer_that_is_closed_is_not_mailed(house: House, status: str) -> None:
    purchase = accepted(house)
    offer_again(house, purchase, status=status)
    tell(house, "email.proposal_sent", purchase)

    house.drain.run()

    assert house.message("email.proposal_sent").status == "ignored"
    assert house.mails() == []


def test_offer_past_its_last_day_is_not_mailed(house: House) -> None:
    purchase = accepted(house)
    offer_again(house, purchase, valid_until=wall_now() - timedelta(minutes=1))
    tell(house, "email.proposal_sent", purchase)

    house.drain.run()

    assert house.message("email.proposal_sent").status == "ignored"


@pytest.mark.parametrize("name", ["reminder_1h", "reminder_24h", "rep_still_waiting"])
def test_method_that_is_being_read_is_not_awaited(house: House, name: str) -> None:
    purchase = accepted(house)
    with house.runtime.database.writing(house.tenant_id) as session:
        messages.add(
            session,
            "stripe.start_billing",
            "read",
            subject=subject_of(purchase.public_id),
            payload={},
            after=timedelta(hours=1),
        )
    tell(house, f"email.{name}", purchase)

    house.drain.run()

    assert house.message(f"email.{name}").status == "ignored"
    assert house.mails() == []


def test_owner_who_connected_again_is_not_asked_to(house: House) -> None:
    tell(house, "email.owner_reconnect", accepted(house), provider="stripe")

    house.drain.run()

    assert house.message("email.owner_reconnect").status == "ignored"
    assert house.mails() == []


@pytest.mark.parametrize(("cut", "arrivals"), [("before", 1), ("after", 2)])
def test_lost_answer_repeats_the_mail_once(
    house: House, prepare: Prepare, cut: str, arrivals: int
) -> None:
    prepare("rep_accepted")
    house.fail("mail", method="DATA", cut=cut)
    house.drain.run()
    doubtful = house.message("email.rep_accepted")

    house.hurry()
    house.drain.run()

    assert (doubtful.status, doubtful.doubts) == ("pending", 1)
    assert house.message("email.rep_accepted").status == "done"
    assert len(house.mails()) == arrivals
    assert len({mail["message_id"] for mail in house.mails()}) == 1


def test_second_lost_answer_ends_the_mail(house: House, prepare: Prepare) -> None:
    prepare("rep_accepted")
    house.fail("mail", method="DATA", cut="after", times=2)
    house.drain.run()

    house.hurry()
    house.drain.run()
    house.hurry()
    house.drain.run()

    dead = house.message("email.rep_accepted")
    assert dead.status == "dead"
    assert "did not answer" in dead.last_error
    assert len(house.mails()) == 2


def test_paid_invoice_mail_carries_both_pdfs(house: House) -> None:
    house.bought("5101")

    mail = next(mail for mail in house.mails() if mail["attachments"])

    number = house.stripe("invoice")[0]["number"]
    assert [a["name"] for a in mail["attachments"]] == [
        f"facture-{number}.pdf",
        f"recu-{number}.pdf",
    ]
    assert all(a["size"] > 1000 for a in mail["attachments"])


def test_invoice_pdf_put_off_goes_out_later(house: House) -> None:
    purchase = house.accepted("5102")
    house.fail("stripe", method="GET", path="/i/*/pdf", status=503)
    house.enter(purchase)
    house.settle()
    waiting = house.message("email.invoice_paid").status

    house.retry()

    assert waiting == "pending"
    assert house.message("email.invoice_paid").status == "done"
    assert len([mail for mail in house.mails() if mail["attachments"]]) == 1


def test_page_instead_of_the_pdf_is_asked_again_and_not_mailed(house: House) -> None:
    purchase = house.accepted("5102")
    house.fail("stripe", method="GET", path="/i/*/pdf", status=200, body="<html>no")
    house.enter(purchase)
    house.settle()
    assert house.message("email.invoice_paid").status == "pending"
    assert [mail for mail in house.mails() if mail["attachments"]] == []

    house.retry()

    assert len([mail for mail in house.mails() if mail["attachments"]]) == 1


@pytest.mark.parametrize(
    "answer", [{"status": 404}, {"status": 302, "headers": {"Location": "/elsewhere"}}]
)
def test_invoice_pdf_nobody_has_is_mailed_as_a_link(house: House, answer: Record) -> None:
    purchase = house.accepted("5102")
    house.fail("stripe", method="GET", path="/i/*/pdf", **answer)
    house.enter(purchase)
    house.settle()

    mail = next(mail for mail in house.mails() if mail["attachments"])

    invoice = house.stripe("invoice")[0]
    assert [a["name"] for a in mail["attachments"]] == [f"recu-{invoice['number']}.pdf"]
    assert "elle-même n’a pas pu être jointe" in mail["text"]
    assert invoice["hosted_invoice_url"] in mail["text"]


def test_invoice_pdf_on_an_unknown_host_is_mailed_as_a_link(house: House) -> None:
    purchase = house.accepted("5102")
    house.fail("stripe", method="GET", path="/i/*/pdf", status=503)
    house.enter(purchase)
    house.settle()
    move_pdf(house, "https://documents.stripe.example/i/1/pdf")

    house.retry()

    mail = next(mail for mail in house.mails() if mail["attachments"])
    assert [a["name"].split("-")[0] for a in mail["attachments"]] == ["recu"]
    assert "elle-même n’a pas pu être jointe" in mail["text"]


def move_pdf(house: House, url: str) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        invoice = session.scalars(select(PaidInvoice)).one()
        invoice.content = {**invoice.content, "pdf_url": url}


def test_mail_of_an_older_invoice_leads_to_that_one(house: House) -> None:
    """Her first debit came back, and a renewal is open by the time she pays the first again."""
    purchase = house.bought("5103", "sepa_bounces", "sepa_debit")
    house.pass_time(days=36)
    house.fail("stripe", method="GET", path="/i/*/pdf", status=503)
    choose(house, purchase, "card", "card_ok")

    house.retry()

    first, renewal = house.stripe("invoice")
    mail = next(mail for mail in house.mails() if mail["attachments"])
    assert first["hosted_invoice_url"] in mail["text"]
    assert renewal["hosted_invoice_url"] not in mail["text"]


def test_paid_invoice_is_mailed_once(house: House) -> None:
    house.bought("5102")

    for event in house.events():
        house.post_event({**event, "id": f"{event['id']}again"})
    house.settle()

    assert len([mail for mail in house.mails() if mail["attachments"]]) == 1


def test_customers_mail_answers_to_the_rep(house: House, prepare: Prepare) -> None:
    purchase = prepare("proposal_sent")

    house.drain.run()

    headers = dict(house.mails()[0]["headers"])
    assert proposal_of(house, purchase).rep_email in headers["Reply-To"]
    assert headers["From"] == "Maison du Sandbox <propositions@propale.test>"
    assert headers["Message-ID"].endswith("@propale.test>")
