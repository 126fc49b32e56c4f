"""Amounts in the currency's smallest unit: rounding, least charge, and how people read them.

https://docs.stripe.com/currencies (zero- and three-decimal currencies, minimum charge amounts).
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

ZERO_DECIMAL = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split())
THREE_DECIMAL = frozenset({"bhd", "jod", "kwd", "omr", "tnd"})
_LARGEST = {"idr": 999_999_999_999}

# Only currencies named on Stripe's page; elsewhere 50 stands for "the like of half a dollar".
_LEAST = {
    "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250,
    "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200,
    "nok": 300, "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000, "usd": 50,
}  # fmt: skip
_SIGNS = {"eur": "€", "gbp": "£", "usd": "$", "jpy": "¥"}


def half_up(value: Decimal) -> int:
    """Round to a whole unit; a half goes away from zero."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def least_charge(currency: str) -> int:
    """The smallest amount Stripe charges in a currency."""
    return _LEAST.get(currency, 50)


def largest_charge(currency: str) -> int:
    """The largest amount Stripe charges: eight digits, twelve in rupiah."""
    return _LARGEST.get(currency, 99_999_999)


def decimals(currency: str) -> int:
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def shown(amount: int, currency: str, locale: str = "en") -> str:
    """`540,00 €` or `€540.00`: for pages and line descriptions, never for arithmetic."""
    places = decimals(currency)
    text = f"{Decimal(abs(amount)).scaleb(-places):,.{places}f}"
    sign = "-" if amount < 0 else ""
    symbol = _SIGNS.get(currency, currency.upper())
    if locale == "fr":
        french = text.replace(",", "\u202f").replace(".", ",")
        return f"{sign}{french}\u00a0{symbol}"
    return f"{sign}{symbol}{'' if currency in _SIGNS else ' '}{text}"
