"""Amounts, dates and quantities as people read them."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal

from app.language import say
from app.money import Money, exponent, format_money

MOST_DECIMALS = 6


def money(minor: int, currency: str, language: str) -> str:
    """`540,00 EUR` in French, `EUR 540.00` in English."""
    return format_money(Money(minor, currency), language)


def unit_price(text: str, currency: str, language: str) -> str:
    """A unit price from its decimal text, with all the decimals that the CRM gave."""
    decimals = exponent(currency)
    digits = "0" * decimals + "#" * (MOST_DECIMALS - decimals)
    figure = f"#,##0.{digits}"
    pattern = f"{figure}\u00a0¤¤" if language == "fr" else f"¤¤\u00a0{figure}"
    return format_currency(Decimal(text), currency, pattern, locale=language, currency_digits=False)


def quantity(text: str, language: str) -> str:
    return format_decimal(Decimal(text), "#,##0.######", locale=language)


def percent(text: str, language: str) -> str:
    """`20 %` in French, `20%` in English."""
    return say(language, "page.percent", figure=quantity(text, language))


def day(when: date, language: str) -> str:
    """`21 novembre 2026`, `21 November 2026`, kept on one line."""
    locale = "fr" if language == "fr" else "en_GB"
    words = format_date(when, "d\u00a0MMMM\u00a0y", locale=locale)
    first = language == "fr" and when.day == 1
    return words.replace("1\u00a0", "1er\u00a0", 1) if first else words


def line_words(line: Mapping[str, Any], currency: str, language: str) -> str:
    """How a line's amount is made: quantity, unit price and discounts."""
    words = [
        say(
            language,
            "page.line.quantity",
            quantity=quantity(line["quantity"], language),
            price=unit_price(line["unit_price"], currency, language),
        )
    ]
    if Decimal(line["unit_discount"] or 0):
        off = unit_price(line["unit_discount"], currency, language)
        words.append(say(language, "page.line.unit_discount", off=off))
    if Decimal(line["discount_percentage"] or 0):
        off = percent(line["discount_percentage"], language)
        words.append(say(language, "page.line.percent_discount", off=off))
    return ", ".join(words)


def moment(when: datetime, language: str) -> str:
    """`21 novembre 2026 à 20:24`: the day with its minute, in the time zone it carries."""
    time = format_time(when, "HH:mm", tzinfo=when.tzinfo, locale=language)
    return say(language, "page.moment", day=day(when.date(), language), time=time)
