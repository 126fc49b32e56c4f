"""Amounts, dates and quantities as people read them."""

from __future__ import annotations

from datetime import date

import pytest

from app.wording.figures import day, line_words, money, percent, quantity, unit_price
from app.wording.plain import cut, one_line
from tests.values import plain


@pytest.mark.parametrize(
    ("text", "currency", "language", "shown"),
    [
        ("450.00", "EUR", "fr", "450,00 EUR"),
        ("0.0425", "EUR", "fr", "0,0425 EUR"),
        ("1200", "GBP", "en", "GBP 1,200.00"),
        ("30000", "JPY", "en", "JPY 30,000"),
        ("1.5", "JPY", "en", "JPY 1.5"),
        ("2.5", "KWD", "fr", "2,500 KWD"),
    ],
)
def test_unit_price_keeps_its_decimals(text: str, currency: str, language: str, shown: str) -> None:
    said = unit_price(text, currency, language)

    assert plain(said) == shown
    assert " " not in said


def test_amounts_follow_the_currency() -> None:
    assert plain(money(54_000, "EUR", "fr")) == "540,00 EUR"
    assert plain(money(30_000, "JPY", "en")) == "JPY 30,000"


@pytest.mark.parametrize(
    ("number", "language", "words"),
    [
        (1, "fr", "1er décembre 2026"),
        (21, "fr", "21 décembre 2026"),
        (1, "en", "1 December 2026"),
    ],
)
def test_days_are_spelled_out_on_one_line(number: int, language: str, words: str) -> None:
    said = day(date(2026, 12, number), language)

    assert plain(said) == words
    assert " " not in said


def test_quantities_and_percentages_use_the_language() -> None:
    assert quantity("2.5", "fr") == "2,5"
    assert percent("5.5", "fr") == "5,5\u202f%"
    assert percent("20.0", "en") == "20%"


def test_discounts_stand_in_words() -> None:
    line = {
        "quantity": "3",
        "unit_price": "100",
        "unit_discount": "5",
        "discount_percentage": "10",
    }

    said = line_words(line, "EUR", "en")

    assert plain(said) == "3 × EUR 100.00, EUR 5.00 off each unit, 10% discount"


def test_one_line_drops_what_cannot_be_seen() -> None:
    assert one_line("a\r\nBcc: x\u202e\u2028 b\x00", 50) == "a Bcc: x b"
    assert one_line("👩\u200d💻 ok", 50) == "👩\u200d💻 ok"
    assert one_line("1\u202f620,00\u00a0EUR  par\tmois", 50) == "1\u202f620,00\u00a0EUR par mois"
    assert cut("abcdef", 4) == "abc…"
