"""Products and the prices that `price_data` makes on the way.

https://docs.stripe.com/api/products and https://docs.stripe.com/api/prices
"""

from __future__ import annotations

from decimal import Decimal

from sandbox.stripe.books import Books, Params, Record, blank, new_id
from sandbox.stripe.calls import call, list_call
from sandbox.stripe.events import emit, emit_change
from sandbox.stripe.metadata import merged
from sandbox.stripe.paging import matching

_PLAYED = "active description id name unit_label statement_descriptor url images tax_code"
_TEXTS = ("description", "name", "unit_label", "url")


@call("POST /v1/products", "product", plays=_PLAYED)
def create(books: Books, params: Params) -> Record:
    product = {
        **blank("product"),
        "id": params.get("id") or new_id("prod_", 14),
        "active": params.get("active", True),
        "created": books.now(),
        "description": params.get("description"),
        "images": params.get("images", []),
        "marketing_features": [],
        "metadata": merged({}, params.get("metadata")),
        "name": params["name"],
        "statement_descriptor": params.get("statement_descriptor"),
        "tax_code": params.get("tax_code"),
        "type": "service",
        "unit_label": params.get("unit_label"),
        "updated": books.now(),
        "url": params.get("url"),
    }
    books.save(product)
    emit(books, "product.created", product)
    return product


@list_call("GET /v1/products", "product", plays="active created ids url")
def listed(books: Books, params: Params) -> list[Record]:
    wanted = params.get("ids")
    products = matching(books.rows("product"), params, "active", "url")
    return [product for product in products if wanted is None or product["id"] in wanted]


@call("GET /v1/products/{id}", "product")
def retrieve(books: Books, params: Params, product: str) -> Record:  # noqa: ARG001
    return books.get("product", product)


@call("POST /v1/products/{id}", "product", plays="active description name unit_label url")
def update(books: Books, params: Params, key: str) -> Record:
    before = books.get("product", key)
    product = {**before, **{name: params[name] or None for name in params if name in _TEXTS}}
    product["active"] = params.get("active", before["active"])
    product["metadata"] = merged(before["metadata"], params.get("metadata"))
    books.save(product)
    emit_change(books, "product.updated", before, product)
    return product


@call("GET /v1/prices/{price}", "price")
def retrieve_price(books: Books, params: Params, price: str) -> Record:  # noqa: ARG001
    return books.get("price", price)


def inline_price(books: Books, data: Params) -> Record:
    """A price from `price_data`, not saved yet; such prices are inactive, good for one use."""
    product = data.get("product") or create(books, data["product_data"])["id"]
    unit = Decimal(str(data.get("unit_amount", data.get("unit_amount_decimal"))))
    return {
        **blank("price"),
        "id": new_id("price_1"),
        "active": False,
        "billing_scheme": "per_unit",
        "created": books.now(),
        "currency": data["currency"],
        "metadata": {},
        "product": product,
        "recurring": _recurring(data.get("recurring")),
        "tax_behavior": data.get("tax_behavior", "unspecified"),
        "type": "recurring" if data.get("recurring") else "one_time",
        "unit_amount": int(unit) if unit == unit.to_integral_value() else None,
        "unit_amount_decimal": format(unit.normalize(), "f"),
    }


def plan_of(price: Record) -> Record:
    """The old twin of a price, which subscription items still show."""
    recurring = price["recurring"]
    return {
        **blank("plan"),
        "id": price["id"],
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": "per_unit",
        "created": price["created"],
        "currency": price["currency"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "metadata": {},
        "product": price["product"],
        "usage_type": "licensed",
    }


def _recurring(given: Params | None) -> Record | None:
    if given is None:
        return None
    return {
        "interval": given["interval"],
        "interval_count": given.get("interval_count", 1),
        "meter": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }
