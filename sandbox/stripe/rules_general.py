"""Rules about metadata, customers, tax rates and webhook endpoints."""

# ruff: noqa: ARG001 - every check is called the same way

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sandbox.stripe.customers import is_deleted
from sandbox.stripe.errors import StripeError, missing
from sandbox.stripe.money import THREE_DECIMAL, ZERO_DECIMAL
from sandbox.stripe.shapes import API_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.stripe.books import Books, Params, Record

_METADATA_KEYS, _METADATA_KEY, _METADATA_VALUE = 50, 40, 500
_ENDPOINTS = 16
_PERCENT = 100
_TWO_DECIMAL = frozenset(
    "aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd cad "
    "cdf chf cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd hnl "
    "htg huf idr ils inr isk jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop "
    "mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar "
    "sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah ugx usd uyu uzs wst "
    "xcd yer zar zmw".split()
)
_CURRENCIES = _TWO_DECIMAL | ZERO_DECIMAL | THREE_DECIMAL


def metadata_has_limits(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    for where, metadata in found(params, "metadata"):
        if not isinstance(metadata, dict):
            continue
        if len(metadata) > _METADATA_KEYS:
            return StripeError(
                f"Metadata can have up to {_METADATA_KEYS} keys, but you passed in "
                f"{len(metadata)}.",
                param=where,
            )
        for key, value in metadata.items():
            if len(key) > _METADATA_KEY:
                return _too_long("Metadata keys", _METADATA_KEY, key, where)
            if len(value) > _METADATA_VALUE:
                return _too_long("Metadata values", _METADATA_VALUE, value, f"{where}[{key}]")
    return None


def currency_is_known(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    for where, value in found(params, "currency"):
        if value not in _CURRENCIES:
            return StripeError(
                f"Invalid currency: {value}. Stripe currently supports these currencies: "
                + ", ".join(sorted(_CURRENCIES)),
                param=where,
            )
    return None


def customer_exists(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    key = params.get("customer")
    customer = books.find("customer", key)
    if key is not None and (customer is None or is_deleted(customer)):
        return missing("customer", key, "customer", status=400)
    return None


def path_customer_exists(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    return None if books.find("customer", ids[0]) else missing("customer", ids[0], "customer")


def customer_is_not_deleted(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    deleted = is_deleted(books.get("customer", ids[0], param="customer"))
    return missing("customer", ids[0], "customer") if deleted else None


def tax_rates_are_active(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    for name in ("tax_rates", "default_tax_rates"):
        for where, keys in found(params, name):
            for key in keys or []:
                rate = books.find("tax_rate", key)
                if rate is None:
                    return missing("tax_rate", key, where, status=400)
                if not rate["active"]:
                    return StripeError(
                        f"The tax rate {key} cannot be used because it is inactive.", param=where
                    )
    return None


def method_is_the_customers(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    """A payment method works for the customer it is attached to, and for nobody else."""
    for name in ("default_payment_method", "payment_method"):
        for where, key in found(params, name):
            if not key:
                continue
            method = books.find("payment_method", key)
            if method is None:
                return missing("payment_method", key, where, status=400)
            if method["customer"] != _customer_of(books, params, ids):
                return StripeError(
                    f"The customer does not have a payment method with the ID {key}. The payment "
                    "method must be attached to the customer.",
                    code="resource_missing",
                    param=where,
                )
    return None


def email_has_a_form(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    email = params.get("email")
    if email and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
        return StripeError(f"Invalid email address: {email}", code="email_invalid", param="email")
    return None


def product_id_is_new(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    if books.find("product", params.get("id")):
        return StripeError("Product already exists.", code="resource_already_exists", param="id")
    return None


def percentage_is_sane(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    if not 0 <= float(params["percentage"]) <= _PERCENT:
        return StripeError("Invalid percentage: must be between 0 and 100", param="percentage")
    return None


def webhook_url_is_http(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    url = urlsplit(params.get("url", "http://none"))
    if url.scheme not in {"http", "https"} or not url.hostname:
        return StripeError(
            "Invalid URL: An explicit scheme (such as https) must be provided.",
            code="url_invalid",
            param="url",
        )
    return None


def few_webhook_endpoints(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    if len(books.table("webhook_endpoint")) >= _ENDPOINTS:
        return StripeError(
            f"You have reached the maximum of {_ENDPOINTS} test webhook endpoints.",
        )
    return None


def webhook_version_is_played(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    if params.get("api_version", API_VERSION) != API_VERSION:
        return StripeError(
            f"Invalid API version: the sandbox plays {API_VERSION} only.", param="api_version"
        )
    return None


def found(value: Any, name: str, where: str = "") -> Iterator[tuple[str, Any]]:
    """Every place of a parameter name, however deep: ("items[0][metadata]", value)."""
    if isinstance(value, dict):
        for key, inner in value.items():
            place = f"{where}[{key}]" if where else key
            if key == name:
                yield place, inner
            if key != "metadata":
                yield from found(inner, name, place)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from found(inner, name, f"{where}[{index}]")


def _customer_of(books: Books, params: Params, ids: list[str]) -> str | None:
    """Whose request this is: named in it, or owner of the object in the path."""
    if "customer" in params:
        return str(params["customer"])
    for kind in ("invoice", "subscription", "customer"):
        owner: Record | None = books.find(kind, ids[0]) if ids else None
        if owner:
            return str(owner["id"] if kind == "customer" else owner["customer"])
    return None


def _too_long(what: str, longest: int, value: str, where: str) -> StripeError:
    return StripeError(
        f"{what} must be at most {longest} characters long: {value[:20]}... has {len(value)}.",
        param=where,
    )
