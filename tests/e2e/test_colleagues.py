"""The seller's side: installing, connecting, signing in from the card, the copy of a proposal."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.e2e.pages import fits, grave_findings
from tests.e2e.people import Customer, NewContext, Offer, Pictures, Rep
from tests.e2e.windows import REP, SLOW, Windows, until

OTHER_PORTAL, OTHER_TEAM, OTHER_KEY = "148222", "T0AUTRE", "rk_test_sandbox0002"
WAIT = SLOW * 1000


def test_other_house_installs_connects_and_sells_in_english(
    browser_of: NewContext,
    customer: Callable[..., Customer],
    windows: Windows,
    picture: Pictures,
) -> None:
    page = browser_of().new_page()
    email = "simon@librairie-du-port.example"

    install(page, windows)
    connect_stripe(page)
    connect_private_slack_channel(page, windows)
    fill_in_preferences(page)
    picture(page, "connections")
    assert grave_findings(page) == []
    assert fits(page)

    rep = Rep(page, windows)
    rep.open_deal("5101", language="en", portal=OTHER_PORTAL)
    rep.sees("Proposal not created", "Create and send to Simon Aubert")
    picture(page, "card")
    rep.send("Proposal sent")
    buyer = customer(email, locale="en-GB")
    buyer.open_mail("Your proposal", "View my proposal")
    expect(buyer.page.locator("#choice")).to_contain_text("EUR 118.80")
    picture(buyer.page, "page")
    buyer.accept("I accept and pay by card")
    buyer.enter("Accepted 4242")
    buyer.sees(re.compile("Thank you"))

    rep.finds("Proposal accepted", "(?m)^Paid$")
    invoice = windows.bought(email, OTHER_KEY).only_invoice()
    assert invoice["total"] == 11_880
    assert len(windows.mail(email, invoice["number"])["attachments"]) == 2
    said = until(lambda: told(windows, OTHER_TEAM), "the other house's Slack messages")
    assert "payment method awaited" in said[0]
    assert windows.stripe("customers", email=email) == []
    assert windows.slack("Librairie du Port") == []
    assert windows.mails(REP, "Librairie du Port") == []


def test_rep_signs_in_from_the_card_and_reads_the_copy(
    offer: Offer, rep: Rep, browser_of: NewContext, picture: Pictures
) -> None:
    deal, buyer = offer()
    copy = rep.page.locator("[data-property=propale_link] a")
    expect(copy).to_have_count(1, timeout=WAIT)
    link = str(copy.get_attribute("href"))
    rep.page.goto(link)
    expect(rep.page.get_by_role("heading", level=1)).to_have_text("Se connecter")

    rep.open_deal(deal.id)
    rep.card.get_by_test_id("sign-in").click()
    one_time = rep.card.get_by_role("link", name="Ouvrir Propale")
    with rep.page.context.expect_page() as opened:
        one_time.click()
    opened.value.wait_for_url("**/connections")

    with rep.page.context.expect_page() as opened:
        rep.card.get_by_role("link", name="Voir la proposition").click()
    seen = opened.value
    expect(seen.get_by_role("heading", level=1)).to_have_text("Proposition envoyée")
    expect(seen.locator("body")).to_contain_text(deal.company)
    expect(seen.get_by_role("main").get_by_role("button")).to_have_count(0)
    assert buyer.page.url not in seen.content()
    assert grave_findings(seen) == []
    assert fits(seen)
    picture(seen, "copy")

    stranger = browser_of().new_page()
    stranger.goto(link)
    assert deal.company not in stranger.content()
    used = stranger.goto(str(one_time.get_attribute("href")))
    assert used
    assert used.status == 404
    stranger.goto(re.sub("/d/.*", "/connections", link))
    expect(stranger).to_have_url(re.compile("/sign-in$"))


def test_settings_in_the_crm_lead_to_propales_own(
    browser_of: NewContext, windows: Windows, picture: Pictures
) -> None:
    page = browser_of().new_page()
    page.goto(f"{windows.product.sandbox_url}/hubspot-app/connected-apps/148111/settings?lang=fr")

    page.locator("#card").get_by_role("button", name="Ouvrir mon espace Propale").click()
    with page.context.expect_page() as opened:
        page.locator("#card").get_by_role("link", name="Mon espace Propale").click()

    ours = opened.value
    ours.wait_for_url("**/connections")
    ours.get_by_role("link", name="Collègues").click()
    expect(ours.get_by_role("heading", level=1)).to_have_text("Collègues")
    picture(ours, "people")
    assert grave_findings(ours) == []
    ours.get_by_role("link", name="Journal").click()
    expect(ours.locator("main")).to_contain_text("Propale installé dans HubSpot")
    assert grave_findings(ours) == []
    assert fits(ours)


def install(page: Page, windows: Windows) -> None:
    """As an administrator of the other portal, on HubSpot's own page."""
    page.goto(f"{windows.product.url}/install")
    page.get_by_label("Compte et personne").select_option(f"{OTHER_PORTAL}/7002")
    page.get_by_role("button", name="Connecter l’application").click()
    page.wait_for_url("**/connections")


def connect_stripe(page: Page) -> None:
    """A key that Stripe refuses, then the right one."""
    section = page.get_by_role("region", name="Stripe")
    for key, said in (("rk_test_mistyped", "Stripe refuse cette clé"), (OTHER_KEY, "est connecté")):
        section.get_by_label(re.compile("Clé restreinte")).fill(key)
        section.get_by_role("button").click()
        expect(section).to_contain_text(said)


def connect_private_slack_channel(page: Page, windows: Windows) -> None:
    """Allowed on Slack's page; the channel is refused until somebody invites the bot there."""
    section = page.get_by_role("region", name="Slack")
    section.get_by_role("link", name="Ajouter à Slack").click()
    page.get_by_label("Espace de travail").select_option(OTHER_TEAM)
    page.get_by_role("button", name="Autoriser").click()
    expect(section).to_contain_text("Slack est connecté")

    def send() -> None:
        section.get_by_label(re.compile("Canal")).fill("#direction")
        section.get_by_role("button", name="Publier dans ce canal").click()

    send()
    expect(section.get_by_role("alert")).to_contain_text("/invite @Propale")
    slack = page.context.new_page()
    slack.goto(f"{windows.product.sandbox_url}/slack/client/{OTHER_TEAM}/C0DIRECTION")
    slack.get_by_role("button", name="Inviter Propale").click()
    expect(slack.get_by_role("button", name="Retirer Propale du canal")).to_be_visible()
    send()
    expect(section).to_contain_text("Un message d’essai est dans le canal")


def fill_in_preferences(page: Page) -> None:
    """Three sections, each saved alone."""
    page.get_by_role("link", name="Réglages").click()

    def save(region: str) -> None:
        page.get_by_role("region", name=region).get_by_role("button").click()
        expect(page.get_by_role("region", name=region).get_by_role("status")).to_be_visible()

    page.get_by_label("Nom du vendeur").fill("Autre Maison")
    save("Votre entreprise")
    page.get_by_label("Adresse de réponse", exact=True).fill("hello@autre-maison.example")
    save("Vos e-mails")
    page.get_by_label("Langue des propositions").select_option("en")
    page.get_by_role("region", name="Vos propositions").get_by_role("button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Preferences")


def told(windows: Windows, team: str) -> list[str] | None:
    """Both messages in the private channel."""
    said = windows.slack("Librairie du Port", team, "C0DIRECTION")
    return said if len(said) == 2 else None
