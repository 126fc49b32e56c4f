"""What a rep and her customer may answer: not yet, to whom, no, never mind, too late."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.people import (
    CARD,
    MONTHLY,
    Customer,
    NewContext,
    Offer,
    Pictures,
    Rep,
    make_deal,
)
from tests.e2e.windows import REP, SLOW, Windows, until

WAIT = SLOW * 1000


def test_declined_with_a_reason_gives_the_button_back(
    offer: Offer, windows: Windows, rep: Rep, picture: Pictures
) -> None:
    deal, buyer = offer()

    buyer.page.get_by_text("Décliner la proposition").click()
    buyer.page.get_by_label("Votre raison").fill("Trop cher pour <b>nous</b>")
    buyer.page.get_by_role("button", name="Je décline").click()

    buyer.sees("Vous avez décliné cette proposition")
    expect(buyer.page.get_by_role("button", name=CARD)).to_have_count(0)
    assert "Trop cher pour <b>nous</b>" in windows.mail(REP, f"Déclinée : {deal.company}")["text"]
    rep.finds("Déclinée par le client", "Trop cher pour <b>nous</b>")
    picture(rep.page, "declined")
    rep.send()
    assert len(windows.mails(deal.email, "Votre proposition")) == 2


def test_withdrawn_proposal_says_so_to_the_customer(
    offer: Offer, windows: Windows, rep: Rep, picture: Pictures
) -> None:
    _, buyer = offer()

    rep.card.get_by_test_id("withdraw").click()
    rep.card.get_by_test_id("withdraw-yes").click()
    rep.sees("Proposition retirée")
    buyer.page.get_by_role("button", name=CARD).click()

    buyer.sees("Cette proposition a été retirée")
    picture(buyer.page, "withdrawn")
    assert windows.stripe("customers", email=buyer.email) == []
    expect(rep.button).to_be_visible()
    expect(rep.property("propale_status")).to_have_text("Retirée", timeout=WAIT)


def test_deal_not_ready_names_every_problem_until_mended(
    rep: Rep, windows: Windows, picture: Pictures
) -> None:
    weekly = {**MONTHLY, "name": "Casier", "recurringbillingfrequency": "weekly"}
    deal = make_deal(windows, MONTHLY, weekly, contacts=[{"firstname": "Léa", "email": "lea@"}])

    rep.open_deal(deal.id)
    rep.sees("points à régler", "L’adresse de Léa n’est pas valable", "ligne « Casier »")
    expect(rep.button).to_have_count(0)
    picture(rep.page, "not-ready")
    line = rep.page.locator("details").filter(has_text="Casier")
    line.locator("summary").click()
    line.get_by_role("button", name="Supprimer").click()
    person = rep.page.locator("form.person")
    person.get_by_label("E-mail").fill(deal.email)
    person.get_by_role("button", name="Enregistrer").click()
    rep.look_again()

    expect(rep.button).to_contain_text(deal.email)


def test_several_recipients_are_a_choice(
    rep: Rep, customer: Callable[..., Customer], windows: Windows, picture: Pictures
) -> None:
    people = [
        {"firstname": "Inès", "lastname": "Haddad", "email": "ines@deux.example"},
        {"firstname": "Paul", "lastname": "Vasseur", "email": "paul@deux.example"},
    ]
    deal = make_deal(windows, contacts=people)

    rep.open_deal(deal.id)
    rep.sees("À qui envoyer la proposition ?")
    expect(rep.button).to_have_count(0)
    rep.card.get_by_role("radio", name=re.compile("Paul Vasseur")).check()
    expect(rep.button).to_contain_text("Paul Vasseur (paul@deux.example)")
    picture(rep.page, "choice")
    rep.send()

    customer("paul@deux.example").open_proposal()
    assert windows.mails("ines@deux.example") == []


def test_deal_changed_since_shown_sends_nothing(
    rep: Rep, browser_of: NewContext, windows: Windows, picture: Pictures
) -> None:
    deal = make_deal(windows)
    colleague = Rep(browser_of().new_page(), windows)
    rep.open_deal(deal.id)
    expect(rep.button).to_contain_text("540,00 EUR")

    colleague.open_deal(deal.id)
    line = colleague.page.locator("details").filter(has_text="Poste en coworking")
    line.locator("summary").click()
    line.get_by_label("Prix unitaire").fill("500")
    line.get_by_role("button", name="Enregistrer").click()
    rep.button.click()

    rep.sees("La proposition n’est pas partie", "a changé depuis")
    expect(rep.button).to_contain_text("600,00 EUR")
    picture(rep.page, "changed")
    assert windows.mails(deal.email) == []
    rep.send()
    windows.mail(deal.email, "Votre proposition")


@pytest.mark.long
def test_reminders_after_an_hour_and_a_day(offer: Offer, windows: Windows, rep: Rep) -> None:
    deal, buyer = offer()
    buyer.accept()

    windows.move_time(seconds=3700)
    buyer.open_mail("Il ne reste que votre moyen de paiement", "Saisir mon moyen de paiement")
    buyer.sees("Il ne reste que votre moyen de paiement")
    windows.move_time(days=1)
    windows.mail(deal.email, "toujours attendu")
    windows.mail(REP, f"Toujours sans moyen de paiement : {deal.company}")

    assert len(windows.mails(deal.email)) == 3
    buyer.pay_again()
    rep.finds("Moyen de paiement attendu")


@pytest.mark.long
def test_expired_proposal_cannot_be_accepted_any_more(
    offer: Offer, windows: Windows, rep: Rep
) -> None:
    deal, buyer = offer()

    windows.move_time(days=32)
    buyer.page.get_by_role("button", name=CARD).click()

    buyer.sees("Cette proposition n’est plus valable")
    until(lambda: windows.stripe("customers", email=deal.email) == [], "no customer at Stripe")
    rep.finds("Proposition expirée")
    expect(rep.button).to_be_visible()
