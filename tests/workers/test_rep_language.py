"""An English-speaking rep of a French house: what she reads is English, her customer's French."""

import pytest

from app.models import Proposal, ProposalRequest, Purchase
from app.seal import Sealer
from app.wording.mails import SHAPES
from sandbox.stripe import discounts
from tests.support.house import House
from tests.workers.told import STATUS, accepted, proposal_of, tell

PAGE = "/v1/checkout/sessions"
REFUSED = {"error": {"type": "invalid_request_error", "message": "Refused."}}
FOR_REP = sorted(name for name, shape in SHAPES.items() if shape.reader == "rep")
REP = "dana@maison.example"


def read_in_english(house: House, proposal: Proposal) -> Proposal:
    """As if she had clicked on a card in English."""
    with house.runtime.database.writing(house.tenant_id) as session:
        session.get_one(ProposalRequest, proposal.request_id).language = "en"
    return proposal


def problem(house: House, purchase: Purchase) -> str:
    """The same sentence on the purchase and in the CRM."""
    house.settle()
    said = house.purchase(purchase.id).problem
    assert house.deal("5101")["propale_problem"] == said
    return said


def held(house: House) -> Purchase:
    """Stripe's sum is another one at the last moment: a discount has come in between."""
    purchase = house.accept(read_in_english(house, house.sent("5101")))
    discounts.give(house.books(), purchase.stripe_customer_id, percent_off="10")
    house.enter(purchase)
    house.settle()
    return house.purchase(purchase.id)


def test_page_that_cannot_be_opened_is_said_in_hers(house: House) -> None:
    proposal = read_in_english(house, house.sent("5101"))
    house.fail("stripe", method="POST", path=PAGE, status=400, body=REFUSED)

    purchase = house.accept(proposal)

    assert problem(house, purchase).startswith("The payment page could not be opened")


def test_charge_that_is_refused_is_said_in_hers(house: House) -> None:
    purchase = house.accept(read_in_english(house, house.sent("5101")))
    house.fail("stripe", method="POST", path="/v1/subscriptions", status=400, body=REFUSED)

    house.enter(purchase)

    assert problem(house, purchase).startswith("Billing did not succeed")


def test_other_sum_is_said_in_hers(house: House) -> None:
    purchase = held(house)

    assert problem(house, purchase).startswith(
        "Stripe would charge EUR\u00a0486.00 instead of EUR\u00a0540.00: nothing was charged. "
    )


@pytest.mark.parametrize("name", FOR_REP)
def test_mail_to_the_rep_is_in_hers(house: House, name: str) -> None:
    purchase = accepted(house, STATUS.get(name, "awaiting_method"))
    read_in_english(house, proposal_of(house, purchase))
    tell(house, f"email.{name}", purchase, invoice_minor=54_000)

    house.drain.run()

    [mail] = house.mails(REP)
    assert "deal" in mail["text"].lower()
    assert "EUR\u00a0540.00" in mail["text"]


def test_customer_reads_her_own_language_and_no_problem(house: House) -> None:
    purchase = held(house)
    proposal = proposal_of(house, purchase)
    sealer: Sealer = house.runtime.sealer
    token = sealer.open(house.tenant_id, "proposal_token", proposal.sealed_token)

    page = house.app.test_client().get(f"/p/{token}").text

    assert '<html lang="fr"' in page
    assert "486" not in page
    assert "Stripe would" not in page


# What fails on the way -> how it is brought about.
WAYS = {
    "preview": {"service": "stripe", "path": "/v1/invoices/create_preview"},
    "deal": {"service": "hubspot", "method": "GET", "path": "/crm/objects/2026-09/deals/5101"},
    "page": {"service": "stripe", "method": "POST", "path": PAGE},
    "charge": {"service": "stripe", "method": "POST", "path": "/v1/subscriptions"},
    "mail": {"service": "mail", "method": "RCPT"},
}
OURS = ("refused", "answer", "error", "given up", "server", "HubSpot does", "nobody")


@pytest.mark.parametrize("way", WAYS)
def test_french_rep_reads_no_english_of_ours(house: House, way: str) -> None:
    fault = dict(WAYS[way])
    status, body = (550, "No such user here") if way == "mail" else (400, REFUSED)
    assert house.click("5101").status_code == 202
    house.fail(fault.pop("service"), **fault, status=status, body=body)

    house.settle()
    if way in ("page", "charge"):
        purchase = house.accept(house.proposal("5101"))
    if way == "charge":
        house.enter(purchase)
    house.settle()

    said = house.view("5101")["message"]
    assert house.deal("5101")["propale_problem"] == said
    assert said.endswith(f", code {status}.)")
    assert [word for word in (*OURS, "Refused", "No such user") if word in said] == []
