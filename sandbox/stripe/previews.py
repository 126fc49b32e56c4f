"""Invoice previews: what an invoice would come to; nothing of it is kept but its lines.

https://docs.stripe.com/api/invoices/create_preview
"""

from __future__ import annotations

from typing import Any

from sandbox.stripe.books import Books, Params, Record, new_id
from sandbox.stripe.calls import call
from sandbox.stripe.invoice_lines import (
    item_parent,
    line_of,
    put_lines,
    subscription_parent,
)
from sandbox.stripe.invoice_totals import fill
from sandbox.stripe.invoices import draft
from sandbox.stripe.periods import period_at
from sandbox.stripe.subscriptions import retrieve as get_subscription

_DETAILS = "address shipping tax_exempt tax_ids"
_ITEM = (
    "amount currency description discountable metadata period price price_data quantity "
    "tax_rates unit_amount unit_amount_decimal tax_behavior"
)
_PLAYED = " ".join(
    [
        "customer currency subscription preview_mode subscription_details.billing_mode.type",
        "subscription_details.default_tax_rates subscription_details.proration_behavior",
        *(f"customer_details.{name}" for name in _DETAILS.split()),
        *(f"invoice_items.{name}" for name in _ITEM.split()),
        *(
            f"subscription_details.items.{name}"
            for name in ("price", "price_data", "quantity", "tax_rates", "metadata")
        ),
    ]
)


@call("POST /v1/invoices/create_preview", "invoice", plays=_PLAYED)
def create_preview(books: Books, params: Params) -> Record:
    if "subscription" in params:
        return _next_of(books, params)
    customer = _customer(books, params)
    items = params.get("subscription_details", {}).get("items") or []
    extra = params.get("invoice_items") or []
    currency = _currency(books, params, [*items, *extra], customer)
    invoice = draft(books, customer, currency)
    now = books.now()
    usual = params.get("subscription_details", {}).get("default_tax_rates") or []
    lines = [_item_line(books, {"tax_rates": usual, **given}, currency) for given in items]
    lines += [line_of(books, given, currency, item_parent(), (now, now)) for given in extra]
    return _shown(books, invoice, lines, customer)


def _next_of(books: Books, params: Params) -> Record:
    """The next invoice of a running subscription."""
    subscription = get_subscription(books, {}, params["subscription"])
    customer = books.get("customer", subscription["customer"])
    invoice = draft(books, customer, subscription["currency"])
    lines = []
    for item in subscription["items"]["data"]:
        every = item["price"]["recurring"]
        start, end = period_at(
            subscription["billing_cycle_anchor"],
            every["interval"],
            every["interval_count"],
            item["current_period_end"],
        )
        given = {
            "price": item["price"]["id"],
            "quantity": item["quantity"],
            "tax_rates": [rate["id"] for rate in item["tax_rates"]],
        }
        parent = subscription_parent(subscription["id"], item["id"])
        lines.append(line_of(books, given, invoice["currency"], parent, (start, end)))
    return _shown(books, invoice, lines, customer)


def _shown(books: Books, invoice: Record, lines: list[Record], customer: Record) -> Record:
    invoice.update(id=new_id("upcoming_in_1"), billing_reason="upcoming")
    fill(books, invoice, lines, customer)
    put_lines(books, invoice, lines)
    return invoice


def _customer(books: Books, params: Params) -> Record:
    """The known customer, overlaid with the details to preview; or the details alone."""
    known = books.find("customer", params.get("customer")) or {}
    details = {name: value or None for name, value in params.get("customer_details", {}).items()}
    return {**known, **{name: details[name] for name in details if name != "tax_ids"}}


def _currency(books: Books, params: Params, given: list[Params], customer: Record) -> str:
    if "currency" in params:
        return str(params["currency"])
    for item in given:
        found = item.get("currency") or item.get("price_data", {}).get("currency")
        price = books.find("price", item.get("price"))
        if found or price:
            return str(found or (price or {})["currency"])
    return str(customer.get("currency") or "eur")


def _item_line(books: Books, given: Params, currency: str) -> Record:
    recurring: dict[str, Any] = (
        given.get("price_data", {}).get("recurring")
        or books.get("price", given.get("price", ""), param="price", status=400)["recurring"]
    )
    now = books.now()
    period = period_at(now, recurring["interval"], recurring.get("interval_count", 1), now)
    return line_of(books, given, currency, subscription_parent("", ""), period)
