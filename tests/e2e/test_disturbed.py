"""What goes wrong around the flow: no Redis, a killed worker, people who click twice."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.people import ACCEPTED, CARD, PAID, Customer, Deal, NewContext, Offer, Rep, make_deal
from tests.e2e.windows import SLOW, Windows, until
from tests.support.product import Product

LONGEST_RECOVERY = 20.0


# The product that the other tests share has the other of each.
@pytest.mark.parametrize(
    "database_url",
    ["postgresql", pytest.param("sqlite", marks=pytest.mark.long)],
    indirect=True,
)
def test_whole_flow_passes_without_redis(
    processes: Callable[..., Product], browser_of: NewContext, database_url: str
) -> None:
    windows = Windows(processes(database_url=database_url, redis_url=None))
    rep = Rep(browser_of().new_page(), windows)
    deal = make_deal(windows)
    context = browser_of()
    buyer = Customer(context, windows, deal.email, context.new_page())

    rep.open_deal(deal.id)
    rep.send()
    buyer.open_proposal()
    buyer.pay()
    buyer.sees(PAID)

    bought = windows.bought(deal.email)
    assert bought.only_invoice()["status"] == "paid"
    bought.only_subscription()
    until(lambda: len(windows.slack(deal.company)) == 2, "both Slack messages")
    windows.mail(deal.email, bought.only_invoice()["number"])
    expect(rep.property("propale_payment_status")).to_have_text("Payé", timeout=SLOW * 1000)


def test_worker_killed_while_charging_costs_seconds_only(
    offer: Offer, windows: Windows, product: Product, rep: Rep
) -> None:
    deal, buyer = offer()
    before = windows.arrivals("stripe", "POST", "/v1/subscriptions")
    windows.control(
        "/control/faults", vendor="stripe", method="POST", path="/v1/subscriptions", delay=3
    )

    buyer.pay()
    until(
        lambda: windows.arrivals("stripe", "POST", "/v1/subscriptions") > before,
        "the call that charges",
    )
    os.kill(product.pid("worker"), signal.SIGKILL)
    product.restart_worker()
    killed = time.monotonic()

    buyer.sees(PAID)
    assert time.monotonic() - killed < LONGEST_RECOVERY
    bought = windows.bought(deal.email)
    assert bought.only_invoice()["status"] == "paid"
    assert bought.only_subscription()["status"] == "active"
    until(lambda: len(windows.slack(deal.company)) == 2, "both Slack messages")
    windows.mail(deal.email, bought.only_invoice()["number"])
    rep.finds("(?m)^Payé$")


def test_two_tabs_accept_at_once_and_one_page_opens(offer: Offer, windows: Windows) -> None:
    deal, buyer = offer()
    second = buyer.context.new_page()
    second.goto(buyer.page.url)

    # Both clicks are on their way before either is answered.
    for tab in (buyer.page, second):
        tab.get_by_role("button", name=CARD).click(no_wait_after=True)

    addresses = set()
    for tab in (buyer.page, second):
        tab.wait_for_url("**/stripe/c/pay/**", timeout=SLOW * 1000)
        addresses.add(tab.url)
    assert len(addresses) == 1
    buyer.enter(ACCEPTED)
    buyer.sees(PAID)
    windows.bought(deal.email).only_invoice()
    until(lambda: len(windows.slack(deal.company)) == 2, "two Slack messages, one acceptance")


@pytest.mark.long
def test_double_click_accepts_once(offer: Offer, windows: Windows) -> None:
    deal, buyer = offer()

    buyer.page.get_by_role("button", name=CARD).dblclick()
    buyer.page.wait_for_url("**/stripe/c/pay/**", timeout=SLOW * 1000)

    until(lambda: windows.slack(deal.company), "a Slack message")
    assert len(windows.slack(deal.company)) == 1
    assert len(sessions(windows, deal)) == 1


@pytest.mark.long
def test_back_from_stripe_and_accept_again_is_the_same_page(offer: Offer, windows: Windows) -> None:
    deal, buyer = offer()
    buyer.accept()
    first = buyer.page.url

    buyer.page.go_back()
    buyer.sees("Il ne reste que votre moyen de paiement")
    buyer.pay_again()

    assert buyer.page.url == first
    assert len(sessions(windows, deal)) == 1


@pytest.mark.long
def test_way_back_on_stripes_page_leads_to_the_choice(offer: Offer, windows: Windows) -> None:
    deal, buyer = offer()
    buyer.accept()

    buyer.page.get_by_role("link", name=re.compile("Retour")).click()
    buyer.sees("Il ne reste que votre moyen de paiement")
    buyer.page.get_by_role("button", name="Payer par prélèvement SEPA").click()
    buyer.page.wait_for_url("**/stripe/c/pay/**", timeout=SLOW * 1000)

    expect(buyer.page.get_by_role("radio", name=re.compile("IBAN"))).to_have_count(2)
    states = sorted(session["status"] for session in sessions(windows, deal))
    assert states == ["expired", "open"]


@pytest.mark.long
def test_expired_stripe_page_gives_way_to_a_fresh_one(offer: Offer, windows: Windows) -> None:
    deal, buyer = offer()
    buyer.accept()
    stale = buyer.page.url

    windows.move_time(days=2)
    buyer.look_again()
    buyer.page.get_by_role("link", name="Retour").last.click()
    buyer.pay_again()

    assert buyer.page.url != stale
    buyer.enter(ACCEPTED)
    buyer.sees(PAID)
    windows.bought(deal.email).only_invoice()


@pytest.mark.long
def test_slow_stripe_shows_a_moment_that_leads_on(offer: Offer, windows: Windows) -> None:
    _, buyer = offer(scripts=False)
    windows.control(
        "/control/faults", vendor="stripe", method="POST", path="/v1/checkout/sessions", delay=5
    )

    buyer.page.get_by_role("button", name=CARD).click()

    buyer.sees(re.compile("Un instant"))
    buyer.page.wait_for_url("**/stripe/c/pay/**", timeout=SLOW * 1000)


def sessions(windows: Windows, deal: Deal) -> list[dict[str, Any]]:
    """The pages Stripe opened for this buyer."""
    return windows.stripe("checkout/sessions", customer=windows.customer(deal.email))
