"""The pre-flight: whether a deal may become a proposal, and exactly which one.

Pure: the same answer for the same snapshot and facts, in the card and again in the worker.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from app.addresses import is_address
from app.money import (
    THREE_DECIMAL,
    Money,
    largest_charge,
    parse_decimal,
    round_half_up,
    smallest_charge,
    to_minor,
)
from app.proposals.content import INTERVALS, Offer, PricedLine, discounted, price_line
from app.snapshot import Contact, DealSnapshot, Line, TaxRate

MOST_LINES = 20  # a subscription takes 20 items: https://docs.stripe.com/api/subscriptions/create
CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why not: `code` is the key of the sentence and its remedy, `at` the field in HubSpot."""

    code: str
    at: str
    values: Mapping[str, str | Money] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """What we must know besides the deal. `customer_credit`: a balance or discount in Stripe."""

    stripe_connected: bool
    mail_ready: bool
    seller_named: bool
    modes_agree: bool
    portal_currency: str
    billing_label: str
    tax_rates: Mapping[str, TaxRate]
    customer_credit: bool = False


@dataclass(frozen=True, slots=True)
class Preflight:
    """With problems there is no proposal; else there is one offer per possible recipient."""

    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]
    offers: tuple[Offer, ...]

    def offer_to(self, contact_id: str) -> Offer | None:
        return next((o for o in self.offers if o.recipient.id == contact_id), None)


def preflight(deal: DealSnapshot, facts: Facts) -> Preflight:
    """Check everything at once, so that the rep can fix all problems in one go."""
    currency = deal.currency or facts.portal_currency
    problems = [
        *_connection_problems(facts),
        *_recipient_problems(deal),
        *_deal_problems(deal, currency),
        *_lines_problems(deal, currency, facts),
    ]
    if problems:
        return Preflight(tuple(problems), (), ())
    lines = tuple(_priced(line, currency, facts) for line in deal.lines)
    recipients = _recipients(deal, facts.billing_label)
    offers = tuple(Offer(currency, _interval(deal), lines, person) for person in recipients)
    problems += [*_amount_problems(deal, lines, currency), *_total_problems(offers[0])]
    warnings = ("customer_credit",) if facts.customer_credit else ()
    return Preflight(tuple(problems), warnings, () if problems else offers)


def _priced(line: Line, currency: str, facts: Facts) -> PricedLine:
    rate = facts.tax_rates[line.tax_rate_id] if line.tax_rate_id else None
    return price_line(line, currency, rate)


def _interval(deal: DealSnapshot) -> str | None:
    return next((INTERVALS[line.frequency] for line in deal.lines if line.frequency), None)


def _connection_problems(facts: Facts) -> Iterator[Problem]:
    if not facts.stripe_connected:
        yield Problem("stripe_missing", "stripe")
    if not facts.mail_ready:
        yield Problem("mail_missing", "mail")
    if not facts.seller_named:
        yield Problem("seller_missing", "seller")
    if facts.stripe_connected and not facts.modes_agree:
        yield Problem("modes_mixed", "stripe")


def _recipient_problems(deal: DealSnapshot) -> Iterator[Problem]:
    if not deal.contacts:
        yield Problem("no_contact", "contacts")
    elif not any(is_address(contact.email) for contact in deal.contacts):
        for contact in deal.contacts:
            values = {"name": contact.name or contact.id, "email": contact.email}
            yield Problem("email_malformed" if contact.email else "email_missing", "email", values)


def _recipients(deal: DealSnapshot, billing_label: str) -> list[Contact]:
    """The only contact with an address; of several, the one with the billing label, else all."""
    people = [contact for contact in deal.contacts if is_address(contact.email)]
    wanted = billing_label.casefold()
    labelled = [one for one in people if wanted in map(str.casefold, one.labels)]
    return labelled if wanted and len(labelled) == 1 else people


def _deal_problems(deal: DealSnapshot, currency: str) -> Iterator[Problem]:
    if not deal.lines:
        yield Problem("no_lines", "line_items")
    if not CURRENCY.fullmatch(currency):
        yield Problem("currency_missing", "deal_currency_code")
    if len(deal.lines) > MOST_LINES:
        yield Problem("too_many_lines", "line_items", {"most": str(MOST_LINES)})
    if len({line.frequency for line in deal.lines if line.frequency}) > 1:
        yield Problem("several_intervals", "recurringbillingfrequency")


LineCheck = Callable[[Line, str, Facts], Iterator[Problem]]


def _lines_problems(deal: DealSnapshot, currency: str, facts: Facts) -> Iterator[Problem]:
    """What is wrong with each line; one without a name is called by its place."""
    for place, line in enumerate(deal.lines, 1):
        called = line if line.name.strip() else replace(line, id=str(place))
        for check in LINE_CHECKS:
            yield from check(called, currency, facts)


def _named(code: str, fieldname: str, line: Line, **values: str | Money) -> Problem:
    return Problem(code, fieldname, {"line": line.name.strip() or line.id, **values})


def _numbers(line: Line, _currency: str, _facts: Facts) -> Iterator[Problem]:
    price, quantity = parse_decimal(line.price), parse_decimal(line.quantity or "1")
    if price is None:
        yield _named("price_missing", "price", line)
    elif discounted(price, line) < 0 or price < 0:
        yield _named("price_negative", "price", line)
    if quantity is None or quantity <= 0:
        yield _named("quantity_wrong", "quantity", line)
    for name, text in (("discount", line.unit_discount), ("percent", line.discount_percentage)):
        if text and parse_decimal(text) is None:
            yield _named("discount_wrong", name, line)


def _name(line: Line, _currency: str, _facts: Facts) -> Iterator[Problem]:
    if not line.name.strip():
        yield _named("name_missing", "name", line)


def _frequency(line: Line, _currency: str, _facts: Facts) -> Iterator[Problem]:
    if line.frequency not in INTERVALS:
        yield _named("frequency_unsupported", "recurringbillingfrequency", line)
    for prop, value in line.unsupported.items():
        yield _named("property_unsupported", prop, line, property=prop, value=value)


def _line_currency(line: Line, currency: str, _facts: Facts) -> Iterator[Problem]:
    if line.currency and line.currency != currency:
        yield _named(
            "currencies_mixed",
            "hs_line_item_currency_code",
            line,
            line_currency=line.currency,
            deal_currency=currency,
        )


def _tax(line: Line, _currency: str, facts: Facts) -> Iterator[Problem]:
    rate = facts.tax_rates.get(line.tax_rate_id)
    if line.tax_rate_id and not (rate and rate.active):
        yield _named("tax_rate_unknown", "hs_tax_rate_group_id", line)


LINE_CHECKS: tuple[LineCheck, ...] = (_name, _numbers, _frequency, _line_currency, _tax)


def _amount_problems(
    deal: DealSnapshot, lines: tuple[PricedLine, ...], currency: str
) -> Iterator[Problem]:
    """HubSpot's own net of each line must equal ours, within one minor unit."""
    for line, priced in zip(deal.lines, lines, strict=True):
        theirs, ours = parse_decimal(line.amount), priced.net_minor
        if theirs is not None and abs((minor := to_minor(theirs, currency)) - ours) > 1:
            shown = Money(round_half_up(minor), currency)
            yield _named(
                "amount_differs", "amount", line, hubspot=shown, ours=Money(ours, currency)
            )
        if currency in THREE_DECIMAL and priced.total_minor % 10:
            yield _named("three_decimals", "price", line, currency=currency)


def _total_problems(offer: Offer) -> Iterator[Problem]:
    smallest = smallest_charge(offer.currency)
    charges = [offer.due_now.total_minor]
    if offer.interval:
        charges.append(offer.recurring.total_minor)
    if min(charges) <= 0:
        yield Problem("total_zero", "amount")
    elif min(charges) < smallest.minor:
        yield Problem("total_too_small", "amount", {"smallest": smallest})
    elif max(charges) > largest_charge(offer.currency).minor:
        yield Problem("total_too_large", "amount")
