"""Tax rates set by hand: https://docs.stripe.com/api/tax_rates."""

from __future__ import annotations

from sandbox.stripe.books import Books, Params, Record, blank, new_id
from sandbox.stripe.calls import call, list_call
from sandbox.stripe.events import emit, emit_change
from sandbox.stripe.metadata import merged
from sandbox.stripe.paging import matching

_CHANGES = ("active", "country", "description", "display_name", "jurisdiction", "state", "tax_type")
_PLAYED = "active country description display_name inclusive jurisdiction percentage state tax_type"


@call("POST /v1/tax_rates", "tax_rate", plays=_PLAYED)
def create(books: Books, params: Params) -> Record:
    percentage = float(params["percentage"])
    tax_rate = {
        **blank("tax_rate"),
        "id": new_id("txr_1"),
        "active": params.get("active", True),
        "created": books.now(),
        "display_name": params["display_name"],
        "effective_percentage": percentage,
        "inclusive": params["inclusive"],
        "metadata": merged({}, params.get("metadata")),
        "percentage": percentage,
        "rate_type": "percentage",
    }
    for name in ("country", "description", "jurisdiction", "state", "tax_type"):
        tax_rate[name] = params.get(name)
    books.save(tax_rate)
    emit(books, "tax_rate.created", tax_rate)
    return tax_rate


@list_call("GET /v1/tax_rates", "tax_rate", plays="active created inclusive")
def listed(books: Books, params: Params) -> list[Record]:
    return matching(books.rows("tax_rate"), params, "active", "inclusive")


@call("GET /v1/tax_rates/{tax_rate}", "tax_rate")
def retrieve(books: Books, params: Params, tax_rate: str) -> Record:  # noqa: ARG001
    return books.get("tax_rate", tax_rate)


@call("POST /v1/tax_rates/{tax_rate}", "tax_rate", plays=" ".join(_CHANGES))
def update(books: Books, params: Params, key: str) -> Record:
    """The percentage of a rate is for ever: https://docs.stripe.com/api/tax_rates/update."""
    before = books.get("tax_rate", key)
    tax_rate = {**before, **{name: params[name] for name in _CHANGES if name in params}}
    tax_rate["metadata"] = merged(before["metadata"], params.get("metadata"))
    books.save(tax_rate)
    emit_change(books, "tax_rate.updated", before, tax_rate)
    return tax_rate
