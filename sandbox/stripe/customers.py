"""Customers: https://docs.stripe.com/api/customers."""

from __future__ import annotations

from sandbox.stripe.books import Books, Params, Record, blank, new_id
from sandbox.stripe.calls import call, list_call
from sandbox.stripe.events import emit, emit_change
from sandbox.stripe.metadata import merged
from sandbox.stripe.paging import matching

_PLAIN = (
    "business_name", "description", "email", "individual_name", "name", "phone", "tax_exempt",
)  # fmt: skip
_PLAYED = "address balance preferred_locales invoice_settings.default_payment_method " + " ".join(
    _PLAIN
)
_ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")


@call("POST /v1/customers", "customer", plays=_PLAYED + " tax_id_data")
def create(books: Books, params: Params) -> Record:
    customer = {
        **blank("customer"),
        "id": new_id("cus_", 14),
        "balance": 0,
        "created": books.now(),
        "delinquent": False,
        "invoice_prefix": new_id("", 8).upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "metadata": {},
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "tax_exempt": "none",
    }
    books.save(_with(customer, params))
    if params.get("tax_id_data"):
        books.table("tax_ids")[customer["id"]] = {"data": params["tax_id_data"]}
    emit(books, "customer.created", customer)
    return customer


@list_call("GET /v1/customers", "customer", plays="email created")
def listed(books: Books, params: Params) -> list[Record]:
    living = [customer for customer in books.rows("customer") if not is_deleted(customer)]
    return matching(living, params, "email")


@call("GET /v1/customers/{customer}", "customer")
def retrieve(books: Books, params: Params, customer: str) -> Record:  # noqa: ARG001
    found = books.get("customer", customer)
    return {"id": customer, "object": "customer", "deleted": True} if is_deleted(found) else found


@call("POST /v1/customers/{customer}", "customer", plays=_PLAYED)
def update(books: Books, params: Params, key: str) -> Record:
    before = books.get("customer", key)
    return change(books, before, _with(books.get("customer", key), params))


def delete(books: Books, key: str) -> None:
    """Delete a customer for good, as a seller does in the dashboard; only her id stays known."""
    customer = books.get("customer", key)
    emit(books, "customer.deleted", customer)
    books.save({**customer, "deleted": True})


def is_deleted(customer: Record) -> bool:
    return bool(customer.get("deleted"))


def change(books: Books, before: Record, after: Record) -> Record:
    """Save a changed customer and tell about it."""
    books.save(after)
    emit_change(books, "customer.updated", before, after)
    return after


def _with(customer: Record, params: Params) -> Record:
    for name in _PLAIN:
        if name in params:
            customer[name] = params[name] or None
    if "address" in params:
        given = params["address"] or None
        customer["address"] = given and {name: given.get(name) or None for name in _ADDRESS}
    customer["balance"] = params.get("balance", customer["balance"])
    customer["preferred_locales"] = params.get("preferred_locales", customer["preferred_locales"])
    settings = params.get("invoice_settings", {})
    if "default_payment_method" in settings:
        default = settings["default_payment_method"] or None
        customer["invoice_settings"]["default_payment_method"] = default
    customer["metadata"] = merged(customer["metadata"], params.get("metadata"))
    return customer
