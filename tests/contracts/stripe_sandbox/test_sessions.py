"""Checkout sessions in setup mode and the page the customer sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import requests
import stripe

if TYPE_CHECKING:
    from tests.contracts.stripe_sandbox.seller import Seller


def enter(url: str, choice: str) -> requests.Response:
    return requests.post(url, data={"choice": choice}, allow_redirects=False, timeout=5)


def test_session_offers_what_is_on_and_allowed(seller: Seller) -> None:
    customer = seller.customer().id

    both = seller.session(customer)
    card = seller.session(customer, allowed_payment_method_types=["card", "paypal"])

    assert both.payment_method_types == ["card", "sepa_debit"]
    assert card.payment_method_types == ["card"]
    assert (both.status, both.payment_status) == ("open", "no_payment_required")


def test_sepa_is_dropped_outside_the_euro(seller: Seller) -> None:
    session = seller.session(seller.customer().id, currency="gbp")

    assert session.payment_method_types == ["card"]


def test_sepa_switched_off_is_neither_listed_nor_offered(seller: Seller) -> None:
    requests.post(f"{seller.base}/control/methods", json={"methods": ["card"]}, timeout=5)

    configuration = seller.v1.payment_method_configurations.list().data[0]
    session = seller.session(seller.customer().id)

    assert configuration.sepa_debit.available is False
    assert session.payment_method_types == ["card"]
    with pytest.raises(stripe.InvalidRequestError, match="No valid payment method types"):
        seller.session(seller.customer().id, allowed_payment_method_types=["sepa_debit"])


@pytest.mark.parametrize(("locale", "word"), [("fr", "Enregistrer"), ("en", "Save a payment")])
def test_page_speaks_the_sessions_language(seller: Seller, locale: str, word: str) -> None:
    session = seller.session(
        seller.customer().id,
        locale=locale,
        custom_text={"submit": {"message": "540,00 EUR <b>par mois</b>"}},
    )

    page = requests.get(session.url, timeout=5).text

    assert word in page
    assert f'lang="{locale}"' in page
    assert "540,00 EUR &lt;b&gt;par mois&lt;/b&gt;" in page
    assert 'href="http://shop.example/p/token"' in page


def test_completed_session_returns_to_the_seller(seller: Seller) -> None:
    session = seller.session(seller.customer().id)

    first, again = enter(session.url, "card_ok"), enter(session.url, "card_ok")

    target = f"http://shop.example/return?session={session.id}"
    assert (first.status_code, first.headers["Location"]) == (303, target)
    assert again.headers["Location"] == target
    done = seller.v1.checkout.sessions.retrieve(session.id)
    assert (done.status, done.url) == ("complete", None)
    assert seller.event_types().count("checkout.session.completed") == 1
    assert seller.v1.setup_intents.retrieve(str(done.setup_intent)).status == "succeeded"


def test_method_not_offered_is_not_taken(seller: Seller) -> None:
    session = seller.session(seller.customer().id, allowed_payment_method_types=["card"])

    page = enter(session.url, "sepa_ok")

    assert page.status_code == 200
    assert seller.v1.checkout.sessions.retrieve(session.id).status == "open"


def test_session_waits_while_the_bank_asks(seller: Seller) -> None:
    session = seller.session(seller.customer().id)

    enter(session.url, "card_3ds_now")

    waiting = seller.v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent"]})
    assert (waiting.status, waiting.setup_intent.status) == ("open", "requires_action")
    assert seller.event_types()[-1] == "setup_intent.requires_action"


def test_bank_refusing_leaves_the_session_open(seller: Seller) -> None:
    session = seller.session(seller.customer().id)
    bank = enter(session.url, "card_3ds_now").headers["Location"]

    refused = requests.post(bank, data={"answer": "refuse"}, timeout=5)
    state = seller.v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent"]})
    taken = requests.post(bank, data={"answer": "confirm"}, allow_redirects=False, timeout=5)

    assert refused.status_code == 200
    assert state.status == "open"
    assert state.setup_intent.last_setup_error.code == "setup_intent_authentication_failure"
    assert taken.headers["Location"].endswith(session.id)


def test_sepa_gives_a_mandate(seller: Seller) -> None:
    session = seller.session(seller.customer().id)

    enter(session.url, "sepa_ok")

    done = seller.v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent"]})
    assert str(done.setup_intent.mandate).startswith("mandate_")


def test_expired_session_can_not_be_used(seller: Seller) -> None:
    session = seller.session(seller.customer().id)

    seller.v1.checkout.sessions.expire(session.id)
    page = enter(session.url, "card_ok")

    assert page.status_code == 200
    assert seller.v1.checkout.sessions.retrieve(session.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError, match="expired"):
        seller.v1.checkout.sessions.expire(session.id)


def test_session_expires_after_a_day(seller: Seller) -> None:
    session = seller.session(seller.customer().id)

    seller.wait(hours=24, minutes=1)

    assert seller.v1.checkout.sessions.retrieve(session.id).status == "expired"
    assert "checkout.session.expired" in seller.event_types()
