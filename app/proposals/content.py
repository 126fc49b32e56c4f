"""Deal to content: lines with their money, totals, and the document that gets frozen."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from app.countries import country_code
from app.language import say
from app.models import Proposal
from app.money import (
    Money,
    format_money,
    line_amount,
    parse_decimal,
    round_half_up,
    tax_amount,
    to_minor,
)
from app.snapshot import Company, Contact, DealSnapshot, Line, TaxRate

INTERVALS = {"": None, "monthly": "month", "annually": "year"}


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line as it is sold: texts for people, integer minor units for Stripe.

    `unit_minor` x `stripe_quantity` is `net_minor` exactly. Where a discount or a fractional
    quantity makes that impossible, Stripe bills the line as one unit, and the page explains it.
    """

    name: str
    description: str
    product_key: str
    interval: str | None
    quantity: str
    unit_price: str
    unit_discount: str
    discount_percentage: str
    unit_minor: int
    stripe_quantity: int
    net_minor: int
    tax_rate_id: str
    tax_label: str
    tax_percentage: str
    tax_minor: int

    @property
    def total_minor(self) -> int:
        return self.net_minor + self.tax_minor


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of rounded lines, in minor units."""

    net_minor: int
    tax_minor: int

    @property
    def total_minor(self) -> int:
        return self.net_minor + self.tax_minor


def price_line(line: Line, currency: str, rate: TaxRate | None) -> PricedLine:
    """Compute one line. The line must have passed the pre-flight."""
    price = parse_decimal(line.price) or Decimal(0)
    quantity = parse_decimal(line.quantity) or Decimal(1)
    unit = discounted(price, line)
    net = line_amount(unit, quantity, currency)
    unit_minor, stripe_quantity = _for_stripe(unit, quantity, net)
    tax = tax_amount(net, Decimal(rate.percentage)) if rate else Money(0, currency)
    return PricedLine(
        name=line.name,
        description=line.description,
        product_key=f"product:{line.product_id}" if line.product_id else f"name:{line.name}",
        interval=INTERVALS[line.frequency],
        quantity=f"{quantity.normalize():f}",
        unit_price=f"{price:f}",
        unit_discount=line.unit_discount,
        discount_percentage=line.discount_percentage,
        unit_minor=unit_minor,
        stripe_quantity=stripe_quantity,
        net_minor=net.minor,
        tax_rate_id=rate.id if rate else "",
        tax_label=rate.label if rate else "",
        tax_percentage=rate.percentage if rate else "",
        tax_minor=tax.minor,
    )


def discounted(price: Decimal, line: Line) -> Decimal:
    """Unit price after HubSpot's discounts: money off each unit, then percent."""
    off = parse_decimal(line.unit_discount) or Decimal(0)
    percent = parse_decimal(line.discount_percentage) or Decimal(0)
    return (price - off) * (1 - percent / 100)


def _for_stripe(unit: Decimal, quantity: Decimal, net: Money) -> tuple[int, int]:
    unit_minor = to_minor(unit, net.currency)
    whole = unit_minor == unit_minor.to_integral_value() and quantity == int(quantity) > 0
    return (round_half_up(unit_minor), int(quantity)) if whole else (net.minor, 1)


def totals(lines: Sequence[PricedLine]) -> Totals:
    return Totals(sum(line.net_minor for line in lines), sum(line.tax_minor for line in lines))


@dataclass(frozen=True, slots=True)
class Offer:
    """What the button shows: to whom, which lines, how much now and how much later."""

    currency: str
    interval: str | None
    lines: tuple[PricedLine, ...]
    recipient: Contact

    @property
    def due_now(self) -> Totals:
        """The first charge: one-off lines and the first period of the recurring ones."""
        return totals(self.lines)

    @property
    def recurring(self) -> Totals:
        return totals([line for line in self.lines if line.interval])

    def shown(self) -> str:
        """A hash of recipient, lines and amounts, to see whether they are still what was shown."""
        seen = {
            "recipient": [self.recipient.id, self.recipient.name, self.recipient.email],
            "currency": self.currency,
            "lines": [asdict(line) for line in self.lines],
        }
        return fingerprint(seen)

    def amounts(self, language: str) -> "Amounts":
        due_now, recurring = self.due_now.total_minor, self.recurring.total_minor
        return _in_words(language, self.currency, due_now, recurring, self.interval)


@dataclass(frozen=True, slots=True)
class Amounts:
    """Due now and recurring as people read them: `540,00 EUR`, `540,00 EUR par mois` or None."""

    due_now: str
    recurring: str | None


def amounts_of(proposal: Proposal, language: str) -> Amounts:
    """The frozen amounts of a proposal."""
    due_now, recurring = proposal.due_now_minor, proposal.recurring_minor
    return _in_words(language, proposal.currency, due_now, recurring, proposal.interval)


def _in_words(
    language: str, currency: str, due_now_minor: int, recurring_minor: int, interval: str | None
) -> Amounts:
    now = format_money(Money(due_now_minor, currency), language)
    if not interval:
        return Amounts(now, None)
    later = format_money(Money(recurring_minor, currency), language)
    return Amounts(now, say(language, f"page.recurring.{interval}", amount=later))


def document(
    offer: Offer, deal: DealSnapshot, *, seller: Mapping[str, Any], circumstances: Mapping[str, Any]
) -> dict[str, Any]:
    """Everything the customer will see, as plain JSON; `fingerprint` of it is its identity.

    `seller` holds name, address, terms; `circumstances` number, dates, language, rep.
    """
    due_now, recurring = offer.due_now, offer.recurring
    return {
        "format": 1,
        **circumstances,
        "seller": dict(seller),
        "deal": {"id": deal.id, "name": deal.name},
        "recipient": {
            "contact_id": offer.recipient.id,
            "name": offer.recipient.name,
            "email": offer.recipient.email,
        },
        "company": _company(deal.company),
        "currency": offer.currency,
        "interval": offer.interval,
        "lines": [asdict(line) | {"total_minor": line.total_minor} for line in offer.lines],
        "due_now": asdict(due_now) | {"total_minor": due_now.total_minor},
        "recurring": asdict(recurring) | {"total_minor": recurring.total_minor},
    }


def _company(company: Company | None) -> dict[str, Any] | None:
    """The buyer's company; `service_address` is always "" for now."""
    if company is None:
        return None
    code = country_code(company.country_code) or country_code(company.country)
    return asdict(company) | {"country_code": code, "service_address": ""}


def fingerprint(content: Mapping[str, Any]) -> str:
    """SHA-256 over the canonical form: sorted keys, no spaces, UTF-8."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
