"""A customer's own discount, as a seller sets it in the dashboard; it lowers every invoice.

https://docs.stripe.com/api/discounts/object
"""

from __future__ import annotations

from decimal import Decimal

from sandbox.stripe.books import Books, Record, blank, new_id
from sandbox.stripe.customers import change
from sandbox.stripe.money import half_up


def give(books: Books, customer_id: str, *, percent_off: str = "", amount_off: int = 0) -> Record:
    """Put a discount for ever on a customer, in percent or in its currency's smallest unit."""
    before, customer = books.get("customer", customer_id), books.get("customer", customer_id)
    coupon = books.save(_coupon(books, percent_off, amount_off, customer["currency"] or "eur"))
    customer["discount"] = books.save(
        {
            **blank("discount"),
            "id": new_id("di_1"),
            "customer": customer_id,
            "source": {"coupon": coupon["id"], "type": "coupon"},
            "start": books.now(),
        }
    )
    return change(books, before, customer)


def take_back(books: Books, customer_id: str) -> Record:
    """Remove a customer's discount."""
    before = books.get("customer", customer_id)
    return change(books, before, {**before, "discount": None})


def applies(books: Books, discount: Record | None, currency: str) -> bool:
    """An amount off in another currency than the invoice's is ignored."""
    if discount is None:
        return False
    return books.get("coupon", discount["source"]["coupon"])["currency"] in {None, currency}


def shares(books: Books, discount: Record | None, amounts: list[int]) -> list[int]:
    """How much of the discount falls on each line; shares of an amount add up to it exactly."""
    if discount is None:
        return [0] * len(amounts)
    coupon = books.get("coupon", discount["source"]["coupon"])
    if coupon["percent_off"] is not None:
        rate = Decimal(str(coupon["percent_off"])) / 100
        return [half_up(max(amount, 0) * rate) for amount in amounts]
    return _split(min(coupon["amount_off"], max(sum(amounts), 0)), amounts)


def _split(total: int, amounts: list[int]) -> list[int]:
    parts, left, weight = [], total, sum(amounts)
    for amount in amounts:
        part = half_up(Decimal(left) * amount / weight) if weight else 0
        parts.append(part)
        left, weight = left - part, weight - amount
    return parts


def _coupon(books: Books, percent_off: str, amount_off: int, currency: str) -> Record:
    return {
        **blank("coupon"),
        "id": new_id("co_", 8),
        "amount_off": None if percent_off else amount_off,
        "created": books.now(),
        "currency": None if percent_off else currency,
        "duration": "forever",
        "metadata": {},
        "percent_off": float(percent_off) if percent_off else None,
        "times_redeemed": 1,
        "valid": True,
    }
