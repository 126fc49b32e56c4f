"""How the payment may go: banks that ask, cards that fail, debits that take days."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.people import (
    ACCEPTED,
    BAD_IBAN,
    CONFIRM_LATER,
    CONFIRM_NOW,
    DECLINED,
    IBAN,
    MONTHLY,
    ONE_OFF,
    PAID,
    Offer,
    Pictures,
    Rep,
)
from tests.e2e.windows import REP, SLOW, Windows, until

PENDING = re.compile("Votre prélèvement est en cours")
FAILED = re.compile("Le paiement n’a pas abouti")
PAY_AGAIN = re.compile("^Payer par")


def test_bank_asks_while_the_card_is_entered(
    offer: Offer, windows: Windows, rep: Rep, picture: Pictures
) -> None:
    deal, buyer = offer()

    buyer.accept()
    buyer.enter(CONFIRM_NOW)
    picture(buyer.page, "bank")
    buyer.confirm_with_bank()

    buyer.sees(PAID)
    assert windows.bought(deal.email).only_invoice()["status"] == "paid"
    rep.finds("(?m)^Payé$")


@pytest.mark.parametrize("line", [MONTHLY, pytest.param(ONE_OFF, marks=pytest.mark.long)])
def test_bank_asks_at_the_charge_while_she_waits(
    offer: Offer, windows: Windows, rep: Rep, line: dict[str, str]
) -> None:
    deal, buyer = offer(line)

    buyer.pay(CONFIRM_LATER)
    buyer.page.wait_for_url("**/stripe/i/**", timeout=SLOW * 1000)  # straight on, no click
    rep.finds("Le client doit confirmer le paiement")
    buyer.page.get_by_role("link", name=re.compile("avec ma banque")).click()
    buyer.confirm_with_bank()

    expect(buyer.page.locator("body")).to_contain_text("Facture payée")
    rep.finds("(?m)^Payé$")
    bought = windows.bought(deal.email)
    assert bought.only_invoice()["status"] == "paid"
    assert [one["status"] for one in bought.subscriptions] in ([], ["active"])
    until(lambda: len(windows.slack(deal.company)) == 2, "both Slack messages")
    windows.mail(deal.email, bought.only_invoice()["number"])


@pytest.mark.long
def test_bank_asks_after_she_left_and_a_mail_leads_back(
    offer: Offer, windows: Windows, rep: Rep
) -> None:
    deal, buyer = offer(ONE_OFF)
    buyer.accept()
    buyer.enter_and_leave(CONFIRM_LATER)

    buyer.open_mail("Votre banque vous demande", "Confirmer le paiement")
    rep.finds("Le client doit confirmer le paiement")
    buyer.page.get_by_role("link", name=re.compile("avec ma banque")).click()
    buyer.confirm_with_bank()

    expect(buyer.page.locator("body")).to_contain_text("Facture payée")
    rep.finds("(?m)^Payé$")
    assert windows.bought(deal.email).only_invoice()["status"] == "paid"


def test_declined_card_leaves_the_way_to_another(
    offer: Offer, windows: Windows, rep: Rep, picture: Pictures
) -> None:
    deal, buyer = offer()

    buyer.pay(DECLINED)
    buyer.sees(FAILED)
    picture(buyer.page, "declined")
    refused = windows.bought(deal.email).only_invoice()
    windows.mail(REP, f"Paiement refusé : {deal.company}")
    rep.finds("Paiement non abouti")
    buyer.open_mail("Votre paiement n’a pas abouti", "Choisir un moyen de paiement")
    buyer.pay_again()
    buyer.enter(ACCEPTED)

    buyer.sees(PAID)
    bought = windows.bought(deal.email)
    assert bought.only_invoice()["id"] == refused["id"]
    assert bought.only_invoice()["status"] == "paid"
    assert bought.only_subscription()["status"] == "active"
    rep.finds("(?m)^Payé$")


def test_debit_is_pending_for_days_and_then_paid(
    offer: Offer, windows: Windows, rep: Rep, picture: Pictures
) -> None:
    deal, buyer = offer()

    buyer.pay(IBAN)
    buyer.sees(PENDING)
    picture(buyer.page, "pending")
    expect(buyer.page.get_by_role("button", name=PAY_AGAIN)).to_have_count(0)
    rep.finds("Paiement en cours")
    windows.move_time(days=3)
    buyer.look_again()
    buyer.sees(PENDING)
    windows.move_time(days=3)

    rep.finds("(?m)^Payé$")
    buyer.look_again()
    buyer.sees(PAID)
    invoice = windows.bought(deal.email).only_invoice()
    assert len(windows.mail(deal.email, invoice["number"])["attachments"]) == 2
    until(lambda: len(windows.slack(deal.company)) == 2, "both Slack messages")


def test_debit_that_bounces_leaves_the_way_to_a_card(
    offer: Offer, windows: Windows, rep: Rep
) -> None:
    deal, buyer = offer()
    buyer.pay(BAD_IBAN)
    buyer.sees(PENDING)

    windows.move_time(days=6)

    rep.finds("Paiement non abouti")
    windows.mail(REP, f"Paiement refusé : {deal.company}")
    buyer.open_mail("Votre paiement n’a pas abouti", "Choisir un moyen de paiement")
    buyer.pay_again()
    buyer.enter(ACCEPTED)
    buyer.sees(PAID)
    bought = windows.bought(deal.email)
    assert bought.only_invoice()["status"] == "paid"
    assert bought.only_subscription()["status"] == "active"


@pytest.mark.long
def test_balance_that_appeared_before_the_charge_holds_it(
    offer: Offer, windows: Windows, rep: Rep, picture: Pictures
) -> None:
    deal, buyer = offer()
    buyer.accept()
    key = windows.customer(deal.email)
    windows.control(f"/stripe/control/customers/{key}", balance=-1000)

    buyer.enter(ACCEPTED)

    buyer.sees(re.compile("rien n’a été prélevé"))
    picture(buyer.page, "held")
    bought = windows.bought(deal.email)
    assert (bought.subscriptions, bought.invoices) == ([], [])
    windows.mail(REP, f"Paiement suspendu : {deal.company}")
    rep.look_again()
    picture(rep.page, "card-held")
    rep.finds("530,00")
    expect(rep.property("propale_problem")).to_contain_text("530,00", timeout=SLOW * 1000)


@pytest.mark.long
def test_renewal_that_fails_is_told_and_can_be_settled(
    offer: Offer, windows: Windows, rep: Rep
) -> None:
    deal, buyer = offer()
    buyer.pay("Acceptée, puis refusée aux renouvellements")
    buyer.sees(PAID)

    windows.move_time(days=32)

    rep.finds("Échéance impayée")
    windows.mail(REP, f"Échéance impayée : {deal.company}")
    buyer.look_again()
    buyer.sees("Un paiement n’a pas abouti")
    buyer.page.get_by_role("link", name="Régler la facture").click()
    buyer.page.get_by_role("radio", name=ACCEPTED).check()
    buyer.page.get_by_role("button", name=re.compile("^Payer ")).click()
    expect(buyer.page.locator("body")).to_contain_text("Facture payée")
    rep.finds("(?m)^Payé$")
