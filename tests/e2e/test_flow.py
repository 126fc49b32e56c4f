"""The one flow, from the rep's click to the last person told, and again a month later."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Locator, expect

from tests.e2e.people import PAID, Customer, Pictures, Rep, make_deal
from tests.e2e.windows import REP, SLOW, Windows, figure, until

WAIT = SLOW * 1000


def test_everybody_is_told_once_from_click_to_receipt(
    rep: Rep, customer: Callable[..., Customer], windows: Windows, picture: Pictures
) -> None:
    deal = make_deal(windows)
    buyer = customer(deal.email)

    rep.open_deal(deal.id)
    expect(rep.card.get_by_role("button", name="Créer et envoyer")).to_have_count(1)
    expect(rep.button).to_contain_text(f"Jeanne Martin ({deal.email})")
    picture(rep.page, "1-card")
    rep.send()
    picture(rep.page, "2-card-sent")
    expect(rep.property("propale_status")).to_have_text("Envoyée", timeout=WAIT)
    expect(stage(rep)).to_have_text("Proposition envoyée", timeout=WAIT)

    buyer.open_proposal()
    picture(buyer.page, "3-page")
    assert re.search(r"/p/[\w-]{43}$", buyer.page.url)
    buyer.accept()
    picture(buyer.page, "4-stripe")
    expect(rep.property("propale_payment_status")).to_have_text(
        "Moyen de paiement attendu", timeout=WAIT
    )
    expect(stage(rep)).to_have_text("Décideur convaincu", timeout=WAIT)
    windows.mail(REP, f"Acceptée : {deal.company}, moyen de paiement attendu")
    buyer.enter("Acceptée 4242")
    buyer.sees(PAID)
    picture(buyer.page, "5-paid")

    money = windows.bought(deal.email)
    invoice, subscription = money.only_invoice(), money.only_subscription()
    assert (subscription["status"], invoice["status"]) == ("active", "paid")
    assert invoice["total"] == 54_000
    expect(rep.property("propale_payment_status")).to_have_text("Payé", timeout=WAIT)
    expect(rep.property("propale_stripe_subscription")).to_have_text(subscription["id"])
    expect(rep.property("propale_last_invoice")).to_have_text(invoice["number"])
    expect(rep.property("propale_amount_due_now")).to_have_text(re.compile(r"^540([.,]00)?$"))
    expect(stage(rep)).to_have_text("Gagnée")
    rep.finds("Proposition acceptée", "(?m)^Payé$")
    picture(rep.page, "6-card-paid")

    windows.mail(REP, f"Payée : {deal.company}")
    paid = windows.mail(deal.email, invoice["number"])
    assert re.search(figure(54_000, "EUR"), paid["text"])
    assert_invoice_and_receipt(windows, paid, invoice["number"])
    until(lambda: len(windows.slack(deal.company)) == 2, "two Slack messages")
    awaited, subscribed = windows.slack(deal.company)
    assert "moyen de paiement attendu" in awaited
    assert "s’abonne" in subscribed
    assert len(windows.mails(deal.email)) == 2
    assert len(windows.mails(REP, deal.company)) == 2
    for path in (f"/mail/{paid['id']}", "/stripe/dashboard", "/slack/client/"):
        rep.page.goto(f"{windows.product.sandbox_url}{path}")
        picture(rep.page, path.replace("/", ""))
    with rep.page.context.expect_page() as opened:
        rep.page.get_by_role("link", name="Ouvrir la transaction").last.click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text(deal.name)


def test_renewal_a_month_later_reaches_the_customer(
    rep: Rep, customer: Callable[..., Customer], windows: Windows
) -> None:
    deal = make_deal(windows)
    buyer = customer(deal.email)
    rep.open_deal(deal.id)
    rep.send()
    buyer.open_proposal()
    buyer.pay()
    buyer.sees(PAID)
    until(lambda: len(windows.slack(deal.company)) == 2, "both Slack messages")
    first = windows.bought(deal.email).only_invoice()

    windows.move_time(days=32)

    second = until(lambda: later_invoice(windows, deal.email), "the second invoice paid")
    assert second["total"] == first["total"] == 54_000
    mail = windows.mail(deal.email, second["number"])
    assert_invoice_and_receipt(windows, mail, second["number"])
    expect(rep.property("propale_last_invoice")).to_have_text(second["number"], timeout=WAIT)
    buyer.look_again()
    expect(buyer.page.get_by_role("link", name=second["number"])).to_be_visible()
    windows.bought(deal.email).only_subscription()
    assert len(windows.slack(deal.company)) == 2
    assert len(windows.mails(REP, deal.company)) == 2


def stage(rep: Rep) -> Locator:
    """The stage that the CRM's panel has chosen."""
    return rep.page.locator("select[name=dealstage] option[selected]")


def later_invoice(windows: Windows, email: str) -> dict[str, Any] | None:
    """The renewal's invoice once it is paid."""
    newest, *older = windows.bought(email).invoices
    return newest if older and newest["status"] == "paid" else None


def assert_invoice_and_receipt(windows: Windows, mail: dict[str, Any], number: str) -> None:
    """Two PDFs of that number: Stripe's invoice and our receipt."""
    names = [attachment["name"] for attachment in mail["attachments"]]
    assert names == [f"facture-{number}.pdf", f"recu-{number}.pdf"]
    for content, title in zip(windows.attachments(mail), ("Facture", "Reçu"), strict=True):
        assert content.startswith(b"%PDF-")
        assert content.rstrip().endswith(b"%%EOF")
        assert f">{title} {number}<".encode() in content  # the document's own title
