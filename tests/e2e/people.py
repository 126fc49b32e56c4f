"""The people of the flow, who do everything by clicking: the rep in her CRM, the customer."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from tests.e2e.windows import SLOW, Windows, until

PORTAL = "148111"
CARD = "J'accepte et je paie par carte"
DEBIT = "J'accepte et je paie par prélèvement SEPA"
# What the buttons of Stripe's page and of the bank's are called in the page's language.
SAVE = re.compile("^(Enregistrer|Save)$")
CONFIRM = re.compile("^(Confirmer|Confirm)$")
ACCEPTED = "Acceptée 4242"
CONFIRM_LATER = "La banque demande une confirmation au premier paiement"
CONFIRM_NOW = "La banque demande une confirmation maintenant"
DECLINED = "Refusée au premier paiement"
IBAN = "IBAN accepté"
BAD_IBAN = "IBAN rejeté plus tard"
# What the customer's page is headed.
PAID = re.compile("Merci, votre paiement")
MONTHLY = {
    "name": "Poste en coworking, abonnement mensuel",
    "quantity": "1",
    "price": "450.00",
    "recurringbillingfrequency": "monthly",
    "hs_tax_rate_group_id": "7120",
}
ONE_OFF = {
    "name": "Salle Mozart, journée",
    "quantity": "1",
    "price": "320.00",
    "hs_tax_rate_group_id": "7120",
}
# What fixtures give: a browser of one's own, a proposal that was sent, a picture kept.
NewContext = Callable[..., BrowserContext]
Offer = Callable[..., tuple["Deal", "Customer"]]
Pictures = Callable[[Page, str], None]
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Deal:
    """A deal of a buyer whom no other test knows."""

    id: str
    company: str
    email: str
    name: str


def make_deal(windows: Windows, *lines: dict[str, str], **overrides: Any) -> Deal:
    """Have a deal in the CRM, ready to send: one contact, a company, a monthly membership."""
    number = next(_numbers)
    company, email = f"Atelier {number:03d}", f"jeanne@atelier-{number:03d}.example"
    fields: dict[str, Any] = {
        "dealname": f"{company} : coworking",
        "dealstage": "presentationscheduled",
        "currency": "EUR",
        "owner": "9001",
        "company": {
            "name": company,
            "address": "12 rue des Lilas",
            "zip": "75003",
            "city": "Paris",
        },
        "contacts": [{"firstname": "Jeanne", "lastname": "Martin", "email": email}],
        "lines": list(lines or (MONTHLY,)),
    }
    made = windows.control("/control/hubspot/deals", **{**fields, **overrides})
    return Deal(made["id"], company, email, fields["dealname"])


@dataclass
class Rep:
    """The rep and the browser tab in which she works."""

    page: Page
    windows: Windows

    @property
    def card(self) -> Locator:
        return self.page.locator("#card")

    @property
    def button(self) -> Locator:
        """The one button that sends."""
        return self.card.get_by_test_id("create")

    def find_deal(self, name: str) -> None:
        """From the CRM's list to the deal's page."""
        self.page.goto(f"{self.windows.product.sandbox_url}/hubspot-app/")
        self.page.get_by_role("link", name=name).click()

    def open_deal(self, deal_id: str, language: str = "fr", portal: str = PORTAL) -> None:
        """Straight to a deal's page, by its address."""
        base = f"{self.windows.product.sandbox_url}/hubspot-app/contacts/{portal}"
        self.page.goto(f"{base}/record/0-3/{deal_id}?lang={language}")

    def send(self, outcome: str = "Proposition envoyée") -> None:
        """Click the one button and follow the card until the proposal is on its way."""
        expect(self.button).to_have_count(1, timeout=SLOW * 1000)
        self.button.click()
        self.sees(outcome)

    def look_again(self) -> None:
        """Click *check again*, and wait until the card shows its answer."""
        again = self.card.get_by_test_id("check-again")
        with self.page.expect_response("**/hubspot-app/proxy*"):
            again.click()
        expect(again).to_be_enabled()

    def sees(self, *words: str | re.Pattern[str]) -> None:
        """The card comes to say all of these."""
        for said in words:
            expect(self.card).to_contain_text(said, timeout=SLOW * 1000)

    def finds(self, *words: str | re.Pattern[str]) -> None:
        """The card, opened anew, says all of these."""

        def look() -> bool:
            self.look_again()
            text = self.card.inner_text()
            return all(re.search(said, text) for said in words)

        until(look, f"{words} on the card")

    def property(self, name: str) -> Locator:
        """A property of the deal, as the CRM's own panel shows it."""
        return self.page.locator(f"[data-property={name}]")


@dataclass
class Customer:
    """The customer and the browser in which she reads her mail; `page` is where she is now."""

    context: BrowserContext
    windows: Windows
    email: str
    page: Page

    def open_mail(self, subject: str, button: str) -> None:
        """Find the mail in her inbox and click its button; the answer opens in a new tab."""
        mail = self.windows.mail(self.email, subject)
        self.page.goto(f"{self.windows.product.sandbox_url}/mail/?to={self.email}")
        self.page.get_by_role("link").filter(has_text=mail["subject"]).click()
        with self.context.expect_page() as opened:
            self.page.frame_locator("iframe").get_by_role("link", name=button).click()
        self.page = opened.value
        self.page.wait_for_load_state()

    def open_proposal(self) -> None:
        self.open_mail("Votre proposition", "Voir ma proposition")

    def accept(self, words: str = CARD) -> None:
        """Choose a method, and arrive at Stripe's page."""
        self.page.get_by_role("button", name=words).click()
        self.page.wait_for_url("**/stripe/c/pay/**", timeout=SLOW * 1000)

    def pay_again(self) -> None:
        """From a page that says where things stand, on to Stripe's page for a card."""
        self.page.get_by_role("button", name="Payer par carte").click()
        self.page.wait_for_url("**/stripe/c/pay/**", timeout=SLOW * 1000)

    def enter(self, method: str) -> None:
        """Enter a card or an IBAN on Stripe's page and save it."""
        self.page.get_by_role("radio", name=method).check()
        self.page.get_by_role("button", name=SAVE).click()

    def pay(self, method: str = ACCEPTED) -> None:
        """Accept by the method's kind, enter it, and wait for the result on our page."""
        self.accept(DEBIT if "IBAN" in method else CARD)
        self.enter(method)
        self.page.wait_for_url("**/r/**")

    def enter_and_leave(self, method: str) -> None:
        """Save a method on Stripe's page and leave the tab before it leads back to us."""

        def leave(route: Route) -> None:
            if route.request.method == "POST":
                route.fetch(max_redirects=0)
            route.abort()

        self.page.get_by_role("radio", name=method).check()
        self.page.route("**/stripe/c/pay/**", leave)
        with self.page.expect_event("requestfailed"):
            self.page.get_by_role("button", name=SAVE).click(no_wait_after=True)
        self.page = self.context.new_page()

    def confirm_with_bank(self) -> None:
        self.page.get_by_role("button", name=CONFIRM).click()

    def sees(self, title: str | re.Pattern[str]) -> None:
        """The page comes to stand under this heading."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(title, timeout=SLOW * 1000)

    def look_again(self) -> None:
        self.page.reload()
