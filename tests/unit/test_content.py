"""Deal to content: each line's money, the offer's hash, the frozen document."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models import Proposal
from app.proposals.content import (
    Offer,
    amounts_of,
    document,
    fingerprint,
    price_line,
    totals,
)
from app.snapshot import TaxRate
from tests.factories import VAT, make_company, make_document, make_line
from tests.values import make_contact, make_snapshot, plain

prices = st.decimals(min_value=0, max_value=10**6, places=4).map(str)
quantities = st.decimals(min_value="0.001", max_value=500, places=3).map(str)
percentages = st.decimals(min_value=0, max_value=100, places=2).map(str)


def make_offer(**overrides: Any) -> Offer:
    line = price_line(make_line(product_id="6101"), "EUR", VAT)
    values: dict[str, Any] = {"currency": "EUR", "interval": "month", "lines": (line,)}
    return Offer(**{**values, "recipient": make_contact(), **overrides})


@pytest.mark.parametrize(
    ("line", "unit", "quantity", "net"),
    [
        ({"price": "450.00"}, 45_000, 1, 45_000),
        ({"price": "320.00", "quantity": "2"}, 32_000, 2, 64_000),
        ({"price": "320.00", "quantity": "2", "unit_discount": "20"}, 30_000, 2, 60_000),
        ({"price": "320.00", "quantity": "2", "discount_percentage": "10"}, 28_800, 2, 57_600),
        # Money off each unit comes first, then the percentage: (100 - 10) x 0.9.
        (
            {"price": "100.00", "unit_discount": "10", "discount_percentage": "10"},
            8100,
            1,
            8100,
        ),
        # What has no whole unit price or quantity is one unit of the whole line.
        ({"price": "10.00", "quantity": "1.5"}, 1500, 1, 1500),
        ({"price": "0.333", "quantity": "3"}, 100, 1, 100),
        ({"price": "9.99", "quantity": "3", "discount_percentage": "33.33"}, 1998, 1, 1998),
        ({"price": "450.00", "quantity": ""}, 45_000, 1, 45_000),
        ({"price": "450.00", "quantity": "2.0"}, 45_000, 2, 90_000),
        ({"price": "80.00", "discount_percentage": "100"}, 0, 1, 0),
    ],
)
def test_line_becomes_unit_times_quantity(
    line: dict[str, str], unit: int, quantity: int, net: int
) -> None:
    priced = price_line(make_line(**line), "EUR", None)

    assert (priced.unit_minor, priced.stripe_quantity, priced.net_minor) == (unit, quantity, net)


@pytest.mark.parametrize(
    ("currency", "price", "net", "tax"),
    [("JPY", "33333", 99_999, 10_000), ("KWD", "1.250", 3750, 375), ("EUR", "0.01", 3, 0)],
)
def test_line_follows_its_currency(currency: str, price: str, net: int, tax: int) -> None:
    ten = TaxRate("10", "ten", "10", active=True)

    priced = price_line(make_line(price=price, quantity="3"), currency, ten)

    assert (priced.net_minor, priced.tax_minor) == (net, tax)
    assert priced.total_minor == net + tax


@given(prices, quantities, prices, percentages, st.sampled_from(["EUR", "JPY", "KWD"]))
def test_unit_times_quantity_is_always_the_net(
    price: str, quantity: str, off: str, percent: str, currency: str
) -> None:
    discounts = {"unit_discount": off, "discount_percentage": percent}
    line = make_line(price=price, quantity=quantity, **discounts)

    priced = price_line(line, currency, VAT)

    assert priced.unit_minor * priced.stripe_quantity == priced.net_minor
    assert priced.stripe_quantity >= 1


@given(st.lists(st.tuples(prices, quantities), min_size=1, max_size=20))
def test_totals_are_sums_of_rounded_lines(figures: list[tuple[str, str]]) -> None:
    lines = [price_line(make_line(price=p, quantity=q), "EUR", VAT) for p, q in figures]

    total = totals(lines)

    assert total.net_minor == sum(line.net_minor for line in lines)
    assert total.tax_minor == sum(line.tax_minor for line in lines)
    assert total.total_minor == sum(line.total_minor for line in lines)


def test_words_of_a_line_stay_as_the_crm_has_them() -> None:
    line = make_line(price="12.50", quantity="1.50", unit_discount="2", discount_percentage="5")

    priced = price_line(line, "EUR", VAT)

    assert (priced.unit_price, priced.quantity) == ("12.50", "1.5")
    assert (priced.unit_discount, priced.discount_percentage) == ("2", "5")
    assert (priced.tax_label, priced.tax_percentage) == ("TVA", "20")


@pytest.mark.parametrize(
    ("product_id", "key"), [("6101", "product:6101"), ("", "name:Poste dédié")]
)
def test_product_is_known_by_id_else_by_name(product_id: str, key: str) -> None:
    assert price_line(make_line(product_id=product_id), "EUR", None).product_key == key


def test_one_off_lines_are_due_now_only() -> None:
    monthly = price_line(make_line(), "EUR", VAT)
    fee = price_line(make_line(frequency="", price="150.00"), "EUR", VAT)

    offer = make_offer(lines=(monthly, fee))

    assert offer.due_now.total_minor == 54_000 + 18_000
    assert offer.recurring.total_minor == 54_000


@pytest.mark.parametrize(
    ("language", "interval", "words"),
    [
        ("fr", "month", "100,00 EUR par mois"),
        ("fr", "year", "100,00 EUR par an"),
        ("en", "month", "EUR 100.00 per month"),
        ("en", None, None),
    ],
)
def test_amounts_are_said_in_words(language: str, interval: str | None, words: str | None) -> None:
    proposal = Proposal(
        currency="EUR", due_now_minor=20_000, recurring_minor=10_000, interval=interval
    )

    said = amounts_of(proposal, language)

    assert plain(said.recurring or "") == (words or "")


VISIBLE = [
    ("name", "Autre poste"),
    ("description", "Le jour seulement"),
    ("unit_price", "451.00"),
    ("quantity", "2"),
    ("unit_discount", "1"),
    ("discount_percentage", "1"),
    ("net_minor", 45_001),
    ("tax_minor", 9001),
    ("tax_label", "VAT"),
    ("tax_percentage", "21"),
    ("interval", "year"),
    ("product_key", "product:7"),
]


@pytest.mark.parametrize(("field", "value"), VISIBLE)
def test_any_change_of_a_line_changes_what_was_shown(field: str, value: Any) -> None:
    offer = make_offer()
    change: dict[str, Any] = {field: value}

    changed = replace(offer, lines=(replace(offer.lines[0], **change),))

    assert changed.shown() != offer.shown()


@pytest.mark.parametrize(
    "overrides",
    [
        {"currency": "GBP"},
        {"recipient": make_contact(id="502")},
        {"recipient": make_contact(email="paul@atelier-martin.example")},
        {"recipient": make_contact(first_name="Joanne")},
        {"lines": (make_offer().lines * 2)},
    ],
    ids=["currency", "person", "address", "name", "one line more"],
)
def test_any_change_of_the_offer_changes_what_was_shown(overrides: dict[str, Any]) -> None:
    assert make_offer(**overrides).shown() != make_offer().shown()


def test_the_same_offer_is_shown_the_same() -> None:
    assert make_offer().shown() == make_offer().shown()


def test_fingerprint_does_not_see_the_order_of_keys() -> None:
    frozen = make_document(company=make_company(name="Cabinet Léroy & Associés 青空"))
    backwards = json.loads(json.dumps(frozen), object_pairs_hook=lambda p: dict(reversed(p)))

    assert list(backwards) != list(frozen)
    assert fingerprint(backwards) == fingerprint(frozen)


def test_fingerprint_survives_the_database_json() -> None:
    frozen = make_document()

    assert fingerprint(json.loads(json.dumps(frozen))) == fingerprint(frozen)


def test_fingerprint_sees_a_single_cent() -> None:
    frozen = make_document()
    frozen["lines"][0]["net_minor"] += 1

    assert fingerprint(frozen) != fingerprint(make_document())


def test_fingerprint_is_the_sha256_of_canonical_json() -> None:
    # printf '{"a":"é","b":[1]}' | sha256sum
    expected = "fe44b490e297c0523c2a1ce591fc7b3b064b5ad3f2ac4634523685392680de5d"
    assert fingerprint({"b": [1], "a": "é"}) == expected


def test_document_holds_what_the_customer_sees() -> None:
    offer, deal = make_offer(), make_snapshot(company=make_company())

    frozen = document(offer, deal, seller={"name": "Maison"}, circumstances={"number": "P-1"})

    assert frozen["deal"] == {"id": "5101", "name": "Coworking Atelier Martin"}
    assert frozen["recipient"]["email"] == "jeanne@atelier-martin.example"
    assert frozen["company"]["siren"] == "123456824"
    assert frozen["company"]["service_address"] == ""


@pytest.mark.parametrize(
    ("written", "theirs", "code"),
    [("Deutschland", "", "DE"), ("Chez nous", "CH", "CH"), ("France", "zz", "FR"), ("Ici", "", "")],
)
def test_country_is_frozen_as_written_and_as_its_code(written: str, theirs: str, code: str) -> None:
    frozen = make_document(company=make_company(country=written, country_code=theirs))

    assert (frozen["company"]["country"], frozen["company"]["country_code"]) == (written, code)
    assert frozen["due_now"] == {"net_minor": 45_000, "tax_minor": 9000, "total_minor": 54_000}
    assert frozen["lines"][0]["total_minor"] == 54_000


def test_discounted_price_is_exact_before_it_is_rounded() -> None:
    line = make_line(price="0.05", quantity="1000", discount_percentage="10")

    priced = price_line(line, "EUR", None)

    assert priced.net_minor == Decimal("0.045") * 1000 * 100
