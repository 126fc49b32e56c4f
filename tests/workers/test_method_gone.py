"""A method that the seller switched off in Stripe after the mail is refused kindly."""

import pytest

from app.accounts.connections import credentials_noted, note_credentials
from app.accounts.stripe_standing import note_methods
from app.models import Preferences, Proposal, Purchase
from sandbox.stripe import accounts
from tests.support.house import House


def switch(house: House, *methods: str) -> None:
    with house.sandbox.world.store.lock:
        accounts.switch(house.books(), set(methods))


def page(house: House, purchase: Purchase) -> str:
    """What the customer reads where she comes back."""
    sealed, sealer = house.purchase(purchase.id).sealed_return_token, house.runtime.sealer
    token = sealer.open(house.tenant_id, "return_token", sealed)
    return house.app.test_client().get(f"/r/{token}").text


def choose(house: House, *methods: str) -> None:
    """What the seller ticked in the preferences."""
    with house.runtime.database.writing(house.tenant_id) as session:
        session.get_one(Preferences, house.tenant_id).methods = list(methods)


def told(house: House) -> list[str]:
    """The methods that Stripe last said are switched on."""
    return list(house.connection("stripe").details["methods"])


def offered(house: House, purchase: Purchase) -> list[str]:
    return house.read(lambda session: session.get_one(Proposal, purchase.proposal_id)).methods


def test_method_switched_off_leads_to_what_works(house: House) -> None:
    proposal = house.sent("5101")
    switch(house, "card")

    purchase = house.accept(proposal, "sepa_debit")

    assert offered(house, purchase) == ["card"]
    assert "Ce moyen de paiement n’est plus proposé" in page(house, purchase)
    assert 'value="sepa_debit"' not in page(house, purchase)
    assert house.open_errors() == []
    again = house.ask_again(purchase, "card")
    house.enter(again)
    house.settle()
    assert house.purchase(purchase.id).status == "paid"


def test_method_the_seller_does_not_want_is_not_offered_instead(house: House) -> None:
    choose(house, "sepa_debit")
    proposal = house.send("5101")
    switch(house, "card")

    purchase = house.accept(proposal, "sepa_debit")

    assert offered(house, purchase) == []
    assert told(house) == ["card"]


@pytest.mark.parametrize("on", [["card"], []])
def test_what_stripe_says_before_a_mail_is_kept(house: House, on: list[str]) -> None:
    switch(house, *on)

    house.click("5101")
    house.settle()

    assert told(house) == on


def test_other_account_keeps_its_own_methods(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session, credentials_noted():
        note_credentials("stripe", house.connection("stripe").refreshed - 1)
        note_methods(session, {"card"})

    assert told(house) == ["card", "sepa_debit"]


@pytest.mark.parametrize("deal", ["5101", "5102"])
def test_method_switched_off_between_tries_leaves_the_invoice(house: House, deal: str) -> None:
    purchase = house.bought(deal, "card_declined")
    switch(house, "card")

    refused = house.ask_again(purchase, "sepa_debit")

    assert (refused.status, refused.stripe_page_url, refused.method) == ("failed", "", "")
    assert refused.stripe_invoice_id == purchase.stripe_invoice_id
    assert offered(house, purchase) == ["card"]


def test_no_method_left_is_told_to_customer_and_rep(house: House) -> None:
    proposal = house.sent("5101")
    switch(house)

    purchase = house.accept(proposal)

    assert offered(house, purchase) == []
    shown = page(house, purchase)
    assert "Aucun moyen de paiement n’est possible" in shown
    assert "Pour convenir d’un autre règlement, écrivez à " in shown
    assert "le sait" not in shown  # nobody has written to the seller
    assert "plus activé dans Stripe" in house.deal("5101")["propale_problem"]
    assert house.open_errors() == []


def test_page_refused_for_another_reason_stays_a_dead_letter(house: House) -> None:
    proposal = house.sent("5101")
    body = {"error": {"type": "invalid_request_error", "message": "No such locale."}}
    house.fail("stripe", method="POST", path="/v1/checkout/sessions", status=400, body=body)

    purchase = house.accept(proposal)

    assert house.message("stripe.open_page").status == "dead"
    assert offered(house, purchase) == ["card", "sepa_debit"]
