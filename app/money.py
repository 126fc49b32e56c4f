"""Integer money: minor units with a currency, and the one place that rounds."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

from babel.numbers import format_currency

# UGX is not among them: Stripe takes it with two decimals, both 0.
# https://docs.stripe.com/currencies#special-cases
ZERO_DECIMAL = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())
THREE_DECIMAL = frozenset("BHD JOD KWD OMR TND".split())
# Stripe's bounds of a charge, in minor units:
# https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts
_SMALLEST = {
    "EUR": 50, "USD": 50, "GBP": 30, "CHF": 50, "CAD": 50, "AUD": 50, "NZD": 50, "SGD": 50,
    "JPY": 50, "SEK": 300, "NOK": 300, "DKK": 250, "PLN": 200, "CZK": 1500, "HUF": 17500,
    "RON": 200, "BGN": 100, "AED": 200, "BRL": 50, "HKD": 400, "INR": 50, "MXN": 1000,
    "MYR": 200, "THB": 1000,
}  # fmt: skip
LISTED_CURRENCIES = tuple(sorted(_SMALLEST))
_LARGEST = {"IDR": 999_999_999_999}
MOST_DIGITS = 12
LONGEST_NUMBER = 60
# Wide enough for whatever `parse_decimal` lets in, multiplied and discounted.
WIDE = Context(prec=120)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in the currency's minor unit: `Money(54000, "EUR")` is 540.00 EUR."""

    minor: int
    currency: str


def exponent(currency: str) -> int:
    """How many decimals the currency has: 0, 2 or 3."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def smallest_charge(currency: str) -> Money:
    """What Stripe charges at least; 0.50 stands for currencies that it does not list."""
    return Money(_SMALLEST.get(currency, 50), currency)


def largest_charge(currency: str) -> Money:
    """What Stripe charges at most: eight digits, in one currency twelve."""
    return Money(_LARGEST.get(currency, 99_999_999), currency)


def round_half_up(value: Decimal) -> int:
    """Round to a whole minor unit; halves go away from zero, as Stripe rounds."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP, context=WIDE))


def to_minor(amount: Decimal, currency: str) -> Decimal:
    """Scale major units to minor ones, unrounded."""
    return amount.scaleb(exponent(currency))


def to_major(money: Money) -> Decimal:
    return Decimal(money.minor).scaleb(-exponent(money.currency))


def parse_decimal(text: str) -> Decimal | None:
    """Read the CRM's decimal text; None where it is empty, not a number, or absurdly long.

    A short text ("1e999999") can stand for a number with a million digits.
    """
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    if not value.is_finite():
        return None
    _, digits, places = value.as_tuple()
    written = len(digits) + abs(int(places))
    return value if value.adjusted() < MOST_DIGITS and written < LONGEST_NUMBER else None


def line_amount(unit_price: Decimal, quantity: Decimal, currency: str) -> Money:
    """Net of a line: price times quantity, rounded once."""
    return Money(round_half_up(to_minor(unit_price * quantity, currency)), currency)


def tax_amount(net: Money, percentage: Decimal) -> Money:
    """Exclusive tax of a line, rounded once."""
    return Money(round_half_up(net.minor * percentage / 100), net.currency)


def format_money(money: Money, language: str) -> str:
    """Words for people, kept on one line: `540,00 EUR` in French, `EUR 540.00` in English."""
    pattern = "#,##0.00\u00a0¤¤" if language == "fr" else "¤¤\u00a0#,##0.00"
    decimals = exponent(money.currency)
    pattern = pattern.replace(".00", "." + "0" * decimals if decimals else "")
    return format_currency(
        to_major(money), money.currency, pattern, locale=language, currency_digits=False
    )
