"""Money: minor units, the one place that rounds, words for people."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.money import (
    Money,
    exponent,
    format_money,
    largest_charge,
    line_amount,
    parse_decimal,
    round_half_up,
    smallest_charge,
    tax_amount,
    to_major,
    to_minor,
)
from tests.values import plain

CURRENCIES = ("EUR", "GBP", "JPY", "KRW", "KWD", "TND")
prices = st.decimals(min_value=0, max_value=10**7, places=5)
quantities = st.decimals(min_value="0.001", max_value=1000, places=3)
minors = st.integers(min_value=-(10**12), max_value=10**12)
currencies = st.sampled_from(CURRENCIES)


@pytest.mark.parametrize(
    ("currency", "decimals", "minor"),
    [
        ("EUR", 2, 54_000),
        ("GBP", 2, 54_000),
        ("JPY", 0, 540),
        ("KRW", 0, 540),
        ("XPF", 0, 540),
        ("KWD", 3, 540_000),
        ("TND", 3, 540_000),
    ],
)
def test_currency_has_its_decimals(currency: str, decimals: int, minor: int) -> None:
    assert exponent(currency) == decimals
    assert to_minor(Decimal(540), currency) == minor


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        ("0.5", 1),
        ("1.5", 2),
        ("2.5", 3),
        ("2.4999999999999999999", 2),
        ("-0.5", -1),
        ("-2.5", -3),
        ("-2.49", -2),
        ("0", 0),
    ],
)
def test_halves_go_away_from_zero(value: str, rounded: int) -> None:
    assert round_half_up(Decimal(value)) == rounded


@pytest.mark.parametrize(
    ("price", "quantity", "currency", "minor"),
    [
        ("6.90", "14", "EUR", 9660),
        ("0.333", "3", "EUR", 100),  # rounded once, after the multiplication
        ("0.335", "1", "EUR", 34),
        ("19.99", "1.5", "EUR", 2999),
        ("33333", "3", "JPY", 99_999),
        ("100.5", "1", "JPY", 101),
        ("1.2345", "1", "KWD", 1235),
        ("1.2344", "1", "TND", 1234),
    ],
)
def test_line_is_rounded_once(price: str, quantity: str, currency: str, minor: int) -> None:
    line = line_amount(Decimal(price), Decimal(quantity), currency)

    assert line == Money(minor, currency)


@pytest.mark.parametrize(
    ("net", "percentage", "tax"),
    [(45_000, "20", 9000), (99_999, "10", 10_000), (25, "10", 3), (24, "10", 2), (999, "5.5", 55)],
)
def test_tax_is_rounded_half_up(net: int, percentage: str, tax: int) -> None:
    assert tax_amount(Money(net, "EUR"), Decimal(percentage)) == Money(tax, "EUR")


@given(minors, currencies)
def test_major_and_minor_lead_to_each_other(minor: int, currency: str) -> None:
    assert to_minor(to_major(Money(minor, currency)), currency) == minor


@given(prices, quantities, currencies)
def test_rounding_moves_half_a_unit_at_most(
    price: Decimal, quantity: Decimal, currency: str
) -> None:
    line = line_amount(price, quantity, currency)

    assert abs(line.minor - to_minor(price * quantity, currency)) <= Decimal("0.5")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("450.00", Decimal("450.00")),
        (" 1e3 ", Decimal(1000)),
        ("-3", Decimal(-3)),
        ("", None),
        ("abc", None),
        ("12,5", None),
        ("NaN", None),
        ("sNaN", None),
        ("Infinity", None),
        ("999999999999.99", Decimal("999999999999.99")),
        ("1e12", None),
        ("1e1000000", None),
        ("1e-1000000", None),
        ("0e1000000", None),
    ],
)
def test_crm_text_is_read_as_a_usable_number(text: str, value: Decimal | None) -> None:
    assert parse_decimal(text) == value


@pytest.mark.parametrize(
    ("minor", "currency", "french", "english"),
    [
        (54_000, "EUR", "540,00 EUR", "EUR 540.00"),
        (5, "EUR", "0,05 EUR", "EUR 0.05"),
        (123_456_789, "EUR", "1 234 567,89 EUR", "EUR 1,234,567.89"),
        (127_049, "JPY", "127 049 JPY", "JPY 127,049"),
        (540_120, "KWD", "540,120 KWD", "KWD 540.120"),
        (-2550, "GBP", "-25,50 GBP", "-GBP 25.50"),
    ],
)
def test_money_is_said_in_the_persons_language(
    minor: int, currency: str, french: str, english: str
) -> None:
    money = Money(minor, currency)

    assert plain(format_money(money, "fr")) == french
    assert plain(format_money(money, "en")) == english


@pytest.mark.parametrize("language", ["fr", "en"])
def test_amount_never_breaks_across_lines(language: str) -> None:
    assert " " not in format_money(Money(123_456, "EUR"), language)


@pytest.mark.parametrize(
    ("currency", "smallest", "largest"),
    [
        ("EUR", 50, 99_999_999),
        ("GBP", 30, 99_999_999),
        ("JPY", 50, 99_999_999),
        ("HUF", 17_500, 99_999_999),
        ("IDR", 50, 999_999_999_999),
        ("ZZZ", 50, 99_999_999),
    ],
)
def test_charge_has_the_bounds_of_its_currency(currency: str, smallest: int, largest: int) -> None:
    assert smallest_charge(currency) == Money(smallest, currency)
    assert largest_charge(currency) == Money(largest, currency)


def test_ugandan_shilling_is_written_with_two_decimals() -> None:
    assert to_minor(Decimal(5), "UGX") == 500
