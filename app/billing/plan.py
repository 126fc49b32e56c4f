"""What a frozen document bills: Stripe's lines, and the calendar of charges."""

import calendar as months
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.plan_lines import BillingPlan, PlanLine

SHOWN_CHARGES = {"month": 12, "year": 3}
MONTHS = {"month": 1, "year": 12}


@dataclass(frozen=True, slots=True)
class Charge:
    """One charge to come, in minor units."""

    on: date
    minor: int


def billing_plan(
    document: Mapping[str, Any], products: Mapping[str, str], tax_rates: Mapping[str, str]
) -> BillingPlan:
    """Turn the document's lines into prices; both mappings lead from our keys to Stripe's ids."""
    recurring: list[PlanLine] = []
    one_off: list[PlanLine] = []
    for line in document["lines"]:
        price = PlanLine(
            product_id=products[line["product_key"]],
            description=line["name"],
            unit_minor=line["unit_minor"],
            quantity=line["stripe_quantity"],
            tax_rate_id=tax_rates[line["tax_rate_id"]] if line["tax_rate_id"] else None,
        )
        (recurring if line["interval"] else one_off).append(price)
    return BillingPlan(document["currency"], document["interval"], tuple(recurring), tuple(one_off))


def charge_calendar(document: Mapping[str, Any], first: date) -> list[Charge]:
    """The first charge and the next ones: twelve months, or three years."""
    charges = [Charge(first, document["due_now"]["total_minor"])]
    interval = document["interval"]
    if interval:
        later = document["recurring"]["total_minor"]
        charges += [
            Charge(add_months(first, MONTHS[interval] * n), later)
            for n in range(1, SHOWN_CHARGES[interval])
        ]
    return charges


def add_months(day: date, count: int) -> date:
    """The same day so many months on; the last day where the month is too short."""
    index = day.year * 12 + day.month - 1 + count
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))
