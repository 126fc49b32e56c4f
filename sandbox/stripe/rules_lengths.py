"""Rules about the length of texts, where it is other than 5,000 characters.

The figures are those of Stripe's own description of its API.
"""

# ruff: noqa: ARG001 - every check is called the same way

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.stripe.errors import StripeError
from sandbox.stripe.rules_general import found

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.stripe.books import Books, Params

_EVERYWHERE = {
    "business_name": 150, "individual_name": 150, "email": 512, "phone": 20,
    "client_reference_id": 200, "integration_identifier": 200, "message": 1200,
    "display_name": 50, "jurisdiction": 50, "number": 26, "statement_descriptor": 22,
    "unit_label": 12, "custom_fields[name]": 40, "custom_fields[value]": 140,
}  # fmt: skip
_INDEX = re.compile(r"\[\d+\]")


def strings_have_lengths(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    return _too_long(params, _EVERYWHERE)


def customer_texts_fit(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    return _too_long(params, {"name": 256})


def session_texts_fit(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    return _too_long(params, {"setup_intent_data[description]": 1000})


def invoice_texts_fit(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    return _too_long(_own(params), {"description": 1500})


def subscription_texts_fit(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    return _too_long(_own(params), {"description": 500})


def _too_long(params: Params, lengths: dict[str, int]) -> StripeError | None:
    for where, value, longest in _texts(params, lengths):
        if len(value) > longest:
            return StripeError(
                f"Invalid string: {value[:6]}...{value[-6:]}; must be at most {longest} characters",
                param=where,
            )
    return None


def _texts(params: Params, lengths: dict[str, int]) -> Iterator[tuple[str, str, int]]:
    for place, longest in lengths.items():
        last = place.rstrip("]").rsplit("[", 1)[-1]
        for where, value in found(params, last):
            if isinstance(value, str) and _INDEX.sub("", where).endswith(place):
                yield where, value, longest


def _own(params: Params) -> dict[str, Any]:
    """What is said of the object itself, not of its lines."""
    return {name: value for name, value in params.items() if isinstance(value, str)}
