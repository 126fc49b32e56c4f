"""A billing plan as Stripe's request bodies."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.plan_lines import BillingPlan, PlanLine


def recurring_items(plan: BillingPlan) -> list[dict[str, Any]]:
    """Subscription items; Stripe words these lines with the product's name."""
    recurring = {"recurring": {"interval": plan.interval}}
    return [_item(line, plan.currency, recurring) for line in plan.recurring]


def first_invoice_items(plan: BillingPlan) -> list[dict[str, Any]]:
    """One-off lines that ride on a subscription's first invoice."""
    return [_item(line, plan.currency) for line in plan.one_off]


def described_items(lines: Iterable[PlanLine], currency: str) -> list[dict[str, Any]]:
    """One-off lines of an invoice or a preview, in our words (500 characters at most)."""
    return [{**_item(line, currency), "description": line.description[:500]} for line in lines]


def without_blanks(address: Mapping[str, str]) -> dict[str, str]:
    """An address without its empty fields."""
    return {name: value for name, value in address.items() if value}


def _item(line: PlanLine, currency: str, more: Mapping[str, Any] | None = None) -> dict[str, Any]:
    price = {
        "currency": currency.lower(),
        "product": line.product_id,
        "unit_amount": line.unit_minor,
        **(more or {}),
    }
    item: dict[str, Any] = {"price_data": price, "quantity": line.quantity}
    if line.tax_rate_id is not None:
        item["tax_rates"] = [line.tax_rate_id]
    return item
