"""Invoice lines: from an amount, a price or `price_data` to a line with its amount.

https://docs.stripe.com/api/invoice-line-item/object. Amounts are rounded per line, half up.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sandbox.stripe.books import Books, Params, Record, blank, copied, listing, new_id
from sandbox.stripe.money import half_up, shown
from sandbox.stripe.products import inline_price

if TYPE_CHECKING:
    from collections.abc import Iterable

# An invoice shows its first lines; all of them are listed at its `lines` address.
EMBEDDED = 10


def line_of(
    books: Books, given: Params, currency: str, parent: Record, period: tuple[int, int]
) -> Record:
    """One line from what a caller gave: `amount`, `price`, `pricing`, `price_data`, `unit_amount`.

    Taxes hold their rates; their amounts come with the invoice's totals.
    """
    price = _price(books, given)
    quantity = given.get("quantity", 1)
    amount = _amount(given, price, quantity)
    start, end = _period(given, period)
    return {
        **blank("line_item"),
        "id": new_id("il_1"),
        "amount": amount,
        "currency": currency,
        "description": given.get("description") or _description(books, price, quantity),
        "discount_amounts": [],
        "discountable": given.get("discountable", True),
        "discounts": [],
        "metadata": given.get("metadata") or {},
        "parent": parent,
        "period": {"start": start, "end": end},
        "pretax_credit_amounts": [],
        "pricing": _pricing(given, price),
        "quantity": quantity,
        "quantity_decimal": str(quantity),
        "subtotal": amount,
        "taxes": [_tax(rate) for rate in given.get("tax_rates") or []],
    }


def item_parent(subscription: str | None = None) -> Record:
    """The parent of a line that was put on an invoice by hand."""
    details = {
        "invoice_item": new_id("ii_1"),
        "proration": False,
        "proration_details": {"credited_items": None},
        "subscription": subscription,
    }
    return {
        "invoice_item_details": details,
        "subscription_item_details": None,
        "type": "invoice_item_details",
    }


def subscription_parent(subscription: str, item: str) -> Record:
    """The parent of a line that a subscription's item brought."""
    details = {
        "invoice_item": None,
        "proration": False,
        "proration_details": {"credited_items": None},
        "subscription": subscription,
        "subscription_item": item,
    }
    return {
        "invoice_item_details": None,
        "subscription_item_details": details,
        "type": "subscription_item_details",
    }


def put_lines(books: Books, invoice: Record, lines: Iterable[Record]) -> None:
    """Give an invoice these lines: the first ones inside it, all of them beside it."""
    every = [{**line, "invoice": invoice["id"]} for line in lines]
    books.table("invoice_lines")[invoice["id"]] = {"data": every}
    invoice["lines"] = embedded(invoice["id"], every)


def embedded(invoice_id: str, lines: list[Record]) -> Record:
    """The list object inside an invoice."""
    url = f"/v1/invoices/{invoice_id}/lines"
    return listing(lines[:EMBEDDED], url, has_more=len(lines) > EMBEDDED)


def lines_of(books: Books, invoice_id: str) -> list[Record]:
    """All lines of an invoice."""
    kept = books.table("invoice_lines").get(invoice_id, {"data": []})
    lines: list[Record] = copied(kept["data"])
    return lines


def _price(books: Books, given: Params) -> Record | None:
    key = given.get("price") or given.get("pricing", {}).get("price")
    if key:
        return books.get("price", key, param="price", status=400)
    if "price_data" in given:
        return books.save(inline_price(books, given["price_data"]))
    return None


def _amount(given: Params, price: Record | None, quantity: int) -> int:
    if "amount" in given:
        return int(given["amount"])
    unit = price["unit_amount_decimal"] if price else _unit(given)
    return half_up(Decimal(unit) * quantity)


def _unit(given: Params) -> str:
    return str(given.get("unit_amount", given.get("unit_amount_decimal", "0")))


def _pricing(given: Params, price: Record | None) -> Record:
    details = price and {"price": price["id"], "product": price["product"]}
    unit = price["unit_amount_decimal"] if price else str(given.get("amount", _unit(given)))
    source = {"price_details": details} if details else {}
    return {**source, "type": "price_details", "unit_amount_decimal": unit}


def _period(given: Params, usual: tuple[int, int]) -> tuple[int, int]:
    period = given.get("period") or {}
    start, end = period.get("start"), period.get("end")
    return (start, end) if isinstance(start, int) and isinstance(end, int) else usual


def _description(books: Books, price: Record | None, quantity: int) -> str | None:
    """Stripe's own words: `1 × Membership (at €450.00 / month)`."""
    if price is None:
        return None
    name = (books.find("product", price["product"]) or {"name": ""})["name"]
    if price["recurring"] is None:
        return str(name)
    each = shown(half_up(Decimal(price["unit_amount_decimal"])), price["currency"])
    count, interval = price["recurring"]["interval_count"], price["recurring"]["interval"]
    every = interval if count == 1 else f"every {count} {interval}s"
    return f"{quantity} × {name} (at {each} / {every})"


def _tax(rate: str) -> Record:
    return {
        "amount": 0,
        "tax_behavior": "exclusive",
        "tax_rate_details": {"tax_rate": rate},
        "taxability_reason": "not_available",
        "taxable_amount": 0,
        "type": "tax_rate_details",
    }
