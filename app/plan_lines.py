"""What one acceptance bills, as plain data between the billing rules and the provider."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One price to bill. `unit_minor` is net of discount, in the plan's minor units.

    `product_id` and `tax_rate_id` are Stripe's; the tax is added on top (exclusive).
    """

    product_id: str
    description: str
    unit_minor: int
    quantity: int
    tax_rate_id: str | None = None


@dataclass(frozen=True, slots=True)
class BillingPlan:
    """All lines of one acceptance; `interval` is None when nothing recurs.

    `currency` is an upper-case ISO code. At most twenty recurring and twenty one-off lines fit
    when both are present (https://docs.stripe.com/api/subscriptions/create).
    """

    currency: str
    interval: Literal["month", "year"] | None
    recurring: tuple[PlanLine, ...]
    one_off: tuple[PlanLine, ...]
