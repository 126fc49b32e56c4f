"""The pages themselves: light, readable, narrow, without scripts, under their own policy."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.pages import fits, grave_findings, small_targets
from tests.e2e.people import (
    ACCEPTED,
    DECLINED,
    ONE_OFF,
    PAID,
    NewContext,
    Offer,
    Pictures,
    Rep,
    make_deal,
)
from tests.e2e.windows import Windows

LIGHT = 60 * 1024
HOSTILE = "<img src=x onerror=alert(1)> {{7*7}} \u202e 🦄 " + "W" * 300


def test_proposal_page_is_light_and_serves_every_reader(
    offer: Offer, browser_of: NewContext, picture: Pictures
) -> None:
    lines = [{**ONE_OFF, "name": HOSTILE, "description": HOSTILE}, ONE_OFF]
    _, buyer = offer(*lines, dealname=HOSTILE)
    reader = browser_of().new_page()
    asked: list[str] = []
    reader.on("request", lambda request: asked.append(request.url))

    answer = reader.goto(buyer.page.url, wait_until="networkidle")

    assert answer
    assert len(answer.body()) <= LIGHT
    assert asked == [buyer.page.url, f"{buyer.page.url}/logo"]
    expect(reader.locator("body")).to_contain_text("{{7*7}}")
    assert grave_findings(reader) == []
    assert fits(reader)
    assert grave_findings(reader) == []
    assert small_targets(reader) == []
    assert reader.evaluate("getComputedStyle(document.body).fontSize") == "16px"
    picture(reader, "phone")


@pytest.mark.long
def test_status_pages_serve_a_phone_and_every_reader(offer: Offer, picture: Pictures) -> None:
    _, buyer = offer()
    at_proposal = buyer.page.url

    def check(name: str) -> None:
        assert fits(buyer.page), name
        assert grave_findings(buyer.page) == [], name
        assert small_targets(buyer.page) == [], name
        picture(buyer.page, name)

    buyer.accept()
    buyer.page.goto(at_proposal)
    buyer.sees("Il ne reste que votre moyen de paiement")
    check("awaiting")
    buyer.pay_again()
    buyer.enter(DECLINED)
    buyer.sees("Le paiement n’a pas abouti")
    check("failed")
    buyer.pay_again()
    buyer.enter(ACCEPTED)
    buyer.sees(PAID)
    check("paid")
    buyer.page.goto(at_proposal[:-1])
    buyer.sees("Ce lien ne mène à aucune proposition")
    check("missing")


def test_card_serves_a_phone_and_every_reader(rep: Rep, windows: Windows) -> None:
    deal = make_deal(windows)
    rep.open_deal(deal.id)
    expect(rep.button).to_be_visible()

    assert grave_findings(rep.page, "#card") == []
    assert fits(rep.page)
    rep.send()
    assert grave_findings(rep.page, "#card") == []
    assert fits(rep.page)


def test_customer_needs_no_javascript(offer: Offer, windows: Windows) -> None:
    deal, buyer = offer(scripts=False)

    buyer.accept()
    buyer.enter(ACCEPTED)
    buyer.sees(re.compile("Un instant"))

    buyer.sees(PAID)
    assert windows.bought(deal.email).only_invoice()["status"] == "paid"


@pytest.mark.long
def test_forms_of_the_page_lead_to_us_and_stripe_only(
    offer: Offer, windows: Windows, new_context: NewContext
) -> None:
    _, buyer = offer()
    page = new_context().new_page()
    page.goto(buyer.page.url)
    elsewhere = windows.product.sandbox_url.replace("127.0.0.1", "localhost")

    with page.expect_console_message(lambda said: "form-action" in said.text):
        page.evaluate(
            """address => { const form = document.querySelector('form');
            form.action = address; form.submit() }""",
            elsewhere,
        )

    assert page.url == buyer.page.url
