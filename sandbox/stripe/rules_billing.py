"""Rules about prices, currencies and subscriptions."""

# ruff: noqa: ARG001 - every check is called the same way

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe.errors import StripeError, missing, not_played
from sandbox.stripe.money import largest_charge
from sandbox.stripe.rules_general import found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.stripe.books import Books, Params, Record

_MOST_REPEATS = {"day": 1095, "week": 156, "month": 36, "year": 3}
_LONGEST_LISTS = {"items": 20, "add_invoice_items": 20, "invoice_items": 250, "lines": 250}
_ENDED = {"canceled", "incomplete_expired"}
_LIVING = {"active", "past_due", "incomplete"}


def items_are_given(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    if ids:
        return None
    for name in ("customer", "items"):
        if not params.get(name):
            return StripeError(
                f"Missing required param: {name}.", code="parameter_missing", param=name
            )
    return None


def interval_is_within_three_years(
    books: Books,
    params: Params,
    ids: list[str],
) -> StripeError | None:
    for where, recurring in found(params, "recurring"):
        count = recurring.get("interval_count", 1)
        if not 1 <= count <= _MOST_REPEATS[recurring["interval"]]:
            return StripeError(
                "The maximum recurring interval is three years (3 years, 36 months, or 156 weeks).",
                param=f"{where}[interval_count]",
            )
    return None


def price_has_one_amount(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    for where, data in found(params, "price_data"):
        given = [name for name in ("unit_amount", "unit_amount_decimal") if name in data]
        if len(given) != 1:
            return StripeError(
                "You must specify exactly one of `unit_amount` or `unit_amount_decimal` in "
                "`price_data`.",
                param=where,
            )
        if not data.get("product") and not data.get("product_data"):
            return StripeError(
                "You must specify either `product` or `product_data` when creating a price.",
                code="parameter_missing",
                param=f"{where}[product]",
            )
    return None


def amounts_are_within_limits(
    books: Books,
    params: Params,
    ids: list[str],
) -> StripeError | None:
    named = [str(currency).lower() for _, currency in found(params, "currency")]
    largest = max(map(largest_charge, named), default=largest_charge(""))
    for name in ("unit_amount", "amount"):
        for where, amount in found(params, name):
            if abs(amount) > largest:
                return StripeError(
                    f"Amount must be no more than {largest}", code="amount_too_large", param=where
                )
    for where, quantity in found(params, "quantity"):
        if quantity < 0:
            return StripeError(
                "This value must be greater than or equal to 0.",
                code="parameter_invalid_integer",
                param=where,
            )
    return None


def product_exists(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    for where, data in found(params, "price_data"):
        key = data.get("product")
        product = books.find("product", key)
        if key and product is None:
            return missing("product", key, f"{where}[product]", status=400)
        if product and not product["active"]:
            return StripeError(
                f"The product {key} is marked as inactive, and cannot be used.",
                param=f"{where}[product]",
            )
    return None


def one_currency(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    """One currency in a request, the one of the invoice it is about."""
    named = {data["currency"] for _, data in found(params, "price_data")}
    named |= {item["currency"] for item in params.get("invoice_items", []) if "currency" in item}
    if "currency" in params:
        named.add(params["currency"])
    invoice = books.find("invoice", ids[0]) if ids else None
    if invoice:
        named.add(invoice["currency"])
    if len(named) > 1:
        return StripeError(
            "All prices on a subscription or an invoice must have the same currency: "
            f"{', '.join(sorted(named))}.",
            param="currency",
        )
    return None


def subscriptions_share_a_currency(
    books: Books, params: Params, ids: list[str]
) -> StripeError | None:
    """One currency for all that runs; a single invoice may be in any.

    https://docs.stripe.com/invoicing/multi-currency-customers
    """
    items = params.get("items") or params.get("subscription_details", {}).get("items")
    named = {data["currency"] for _, data in found({"items": items or []}, "price_data")}
    customer = books.find("customer", params.get("customer")) or {}
    running = set(_running(books, customer))
    if named and running - named:
        return StripeError(
            "You cannot combine currencies on a single customer. This customer has an active "
            "subscription, subscription schedule, discount, quote, or invoice item with currency "
            f"{(running - named).pop()}.",
            param="currency",
        )
    return None


def one_price_an_item(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    for name in ("items", "add_invoice_items"):
        for index, item in enumerate(params.get(name, [])):
            if ("price" in item) == ("price_data" in item):
                return StripeError(
                    "You must specify exactly one of `price` or `price_data`.",
                    param=f"{name}[{index}]",
                )
    return None


def items_recur(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    for index, item in enumerate(params["items"]):
        price = books.find("price", item.get("price"))
        if price and price["type"] == "one_time":
            return StripeError(
                "The price specified is set to `type=one_time` but this field only accepts prices "
                "with `type=recurring`.",
                param=f"items[{index}][price]",
            )
    return None


def one_interval(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    kinds = set()
    for item in params["items"]:
        data = item.get("price_data") or books.find("price", item["price"]) or {}
        every = data.get("recurring") or {}
        kinds.add((every.get("interval"), every.get("interval_count", 1)))
    return not_played("items of different intervals", "items") if len(kinds) > 1 else None


def lists_are_short(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    for name, most in _LONGEST_LISTS.items():
        for where, values in found(params, name):
            if isinstance(values, list) and len(values) > most:
                return StripeError(
                    f"Array {where} exceeded maximum {most} allowed elements.", param=where
                )
    return None


def behaviour_is_played(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    if params.get("payment_behavior", "allow_incomplete") != "allow_incomplete":
        return not_played(f"payment_behavior {params['payment_behavior']}", "payment_behavior")
    if params.get("collection_method", "charge_automatically") != "charge_automatically":
        return not_played("subscriptions paid by invoice", "collection_method")
    if params.get("billing_mode", {"type": "flexible"})["type"] != "flexible":
        return not_played("the classic billing mode", "billing_mode[type]")
    return None


def something_to_charge(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    customer = books.get("customer", params["customer"], param="customer", status=400)
    usual = customer["invoice_settings"]["default_payment_method"]
    if params.get("default_payment_method") or usual:
        return None
    return StripeError(
        "This customer has no attached payment source or default payment method. Please consider "
        "adding a default payment method.",
        code="resource_missing",
    )


def sepa_is_in_euros(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    invoice = books.find("invoice", ids[0]) if ids else None
    currencies = {data["currency"] for _, data in found(params, "price_data")}
    if invoice or "currency" in params:
        currencies.add((invoice or params)["currency"])
    method = books.find("payment_method", params.get("default_payment_method"))
    if method and method["type"] == "sepa_debit" and currencies - {"eur"}:
        return sepa_refused("default_payment_method")
    return None


def subscription_exists(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    subscription = books.find("subscription", ids[0])
    if subscription is None:
        return missing("subscription", ids[0], "id")
    return None


def subscription_has_not_ended(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    subscription = books.get("subscription", ids[0])
    harmless = bool(params) and set(params) <= {"metadata", "expand", "cancellation_details"}
    if subscription["status"] not in _ENDED or harmless:
        return None
    return StripeError(
        "A canceled subscription can only update its cancellation_details and metadata.",
    )


def sepa_refused(param: str) -> StripeError:
    """SEPA debit in another currency than the euro."""
    return StripeError(
        "The payment method type `sepa_debit` is invalid. It supports the currency `eur` only.",
        code="payment_method_unsupported_type",
        param=param,
    )


def _running(books: Books, customer: Record) -> Iterator[str]:
    """The currencies a customer's subscriptions and her discount are in now."""
    for subscription in books.table("subscription").values():
        if subscription["customer"] == customer.get("id") and subscription["status"] in _LIVING:
            yield subscription["currency"]
    discount = customer.get("discount")
    coupon = books.get("coupon", discount["source"]["coupon"]) if discount else {}
    if coupon.get("currency"):
        yield coupon["currency"]
