"""Invoices as drafts: create, read, change, add lines, delete.

https://docs.stripe.com/api/invoices and https://docs.stripe.com/invoicing/integration
"""

from __future__ import annotations

from sandbox.stripe import accounts
from sandbox.stripe.balances import bind_to
from sandbox.stripe.books import Books, Params, Record, blank, listing, new_id
from sandbox.stripe.calls import call, list_call
from sandbox.stripe.events import emit, emit_change
from sandbox.stripe.expansion import included
from sandbox.stripe.invoice_lines import item_parent, line_of, lines_of, put_lines
from sandbox.stripe.invoice_totals import total_up
from sandbox.stripe.metadata import merged
from sandbox.stripe.paging import matching

_PLAYED = (
    "auto_advance collection_method days_until_due default_payment_method description footer "
    "custom_fields"
)
_LINE = (
    "lines.amount lines.description lines.discountable lines.metadata lines.period "
    "lines.price_data lines.pricing lines.quantity lines.tax_rates"
)
_DAY = 24 * 3600


@call(
    "POST /v1/invoices",
    "invoice",
    plays=_PLAYED + " customer currency pending_invoice_items_behavior number",
)
def create(books: Books, params: Params) -> Record:
    customer = books.get("customer", params["customer"])
    currency = params.get("currency") or customer["currency"] or "eur"
    invoice = draft(books, customer, currency)
    invoice.update(
        {
            "auto_advance": params.get("auto_advance", False),
            "collection_method": params.get("collection_method", "charge_automatically"),
            "number": params.get("number"),
        }
    )
    _change(invoice, params)
    if not customer["currency"]:
        bind_to(books, customer, currency)
    put_lines(books, invoice, [])
    books.save(total_up(books, invoice))
    emit(books, "invoice.created", invoice)
    return invoice


def draft(books: Books, customer: Record, currency: str) -> Record:
    """An empty draft; `customer` may be no more than the details of a preview."""
    now = books.now()
    tax_ids = books.table("tax_ids").get(customer.get("id", ""), {"data": []})
    return {
        **blank("invoice"),
        "id": new_id("in_1"),
        "account_country": accounts.COUNTRY,
        "account_name": accounts.NAMES[books.account],
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_paid_off_stripe": 0,
        "amount_shipping": 0,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": False,
        "automatic_tax": {
            "disabled_reason": None,
            "enabled": False,
            "liability": None,
            "provider": None,
            "status": None,
        },
        "billing_reason": "manual",
        "collection_method": "charge_automatically",
        "created": now,
        "currency": currency,
        "customer": customer.get("id"),
        "customer_address": customer.get("address"),
        "customer_email": customer.get("email"),
        "customer_name": customer.get("name"),
        "customer_phone": customer.get("phone"),
        "customer_tax_exempt": customer.get("tax_exempt") or "none",
        "customer_tax_ids": tax_ids["data"],
        "default_tax_rates": [],
        "issuer": {"type": "self"},
        "metadata": {},
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        "period_end": now,
        "period_start": now,
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "status": "draft",
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
    }


@list_call("GET /v1/invoices", "invoice", plays="customer status subscription created")
def listed(books: Books, params: Params) -> list[Record]:
    found = matching(books.rows("invoice"), params, "customer", "status", "collection_method")
    wanted = params.get("subscription")
    return [invoice for invoice in found if wanted in {None, subscription_of(invoice)}]


@call("GET /v1/invoices/{invoice}", "invoice")
def retrieve(books: Books, params: Params, invoice: str) -> Record:  # noqa: ARG001
    return books.get("invoice", invoice)


@list_call("GET /v1/invoices/{invoice}/lines", "line_item")
def lines(books: Books, params: Params, invoice: str) -> list[Record]:  # noqa: ARG001
    books.get("invoice", invoice)
    return lines_of(books, invoice)


@call("POST /v1/invoices/{invoice}", "invoice", plays=_PLAYED)
def update(books: Books, params: Params, key: str) -> Record:
    invoice = books.get("invoice", key)
    _change(invoice, params)
    keep(books, invoice)
    return invoice


@call("POST /v1/invoices/{invoice}/add_lines", "invoice", plays=_LINE + " invoice_metadata")
def add_lines(books: Books, params: Params, key: str) -> Record:
    invoice = books.get("invoice", key)
    now = books.now()
    added = [
        line_of(books, given, invoice["currency"], item_parent(), (now, now))
        for given in params["lines"]
    ]
    put_lines(books, invoice, [*lines_of(books, key), *added])
    invoice["metadata"] = merged(invoice["metadata"], params.get("invoice_metadata"))
    keep(books, total_up(books, invoice))
    return invoice


@call("DELETE /v1/invoices/{invoice}", "invoice")
def delete(books: Books, params: Params, key: str) -> Record:  # noqa: ARG001
    invoice = books.get("invoice", key)
    del books.table("invoice")[key]
    emit(books, "invoice.deleted", invoice)
    return {"id": key, "object": "invoice", "deleted": True}


def keep(books: Books, invoice: Record) -> None:
    """Save a changed invoice and tell about it, as every payment does that went well or ill."""
    before = books.get("invoice", invoice["id"])
    books.save(invoice)
    emit_change(books, "invoice.updated", before, invoice)


@included("invoice", "payments")
def payments(books: Books, invoice: Record) -> Record:
    """The invoice's payments, newest first: only in the answer when asked for."""
    found = books.where("invoice_payment", invoice=invoice["id"])
    return listing(found[::-1], f"/v1/invoice_payments?invoice={invoice['id']}")


@included("invoice", "confirmation_secret")
def confirmation_secret(books: Books, invoice: Record) -> Record | None:
    """The secret with which a page confirms the payment; none before finalization."""
    intent = intent_of(books, invoice)
    if intent is None:
        return None
    return {"client_secret": intent["client_secret"], "type": "payment_intent"}


def intent_of(books: Books, invoice: Record) -> Record | None:
    """The payment intent of the invoice's default payment."""
    found = books.where("invoice_payment", invoice=invoice["id"], is_default=True)
    return books.find("payment_intent", found[0]["payment"]["payment_intent"]) if found else None


def subscription_of(invoice: Record) -> str | None:
    """The id of the subscription that brought an invoice."""
    details = (invoice["parent"] or {}).get("subscription_details")
    return details["subscription"] if details else None


def _change(invoice: Record, params: Params) -> None:
    for name in ("auto_advance", "collection_method", "custom_fields"):
        invoice[name] = params.get(name, invoice[name])
    for name in ("default_payment_method", "description", "footer"):
        if name in params:
            invoice[name] = params[name] or None
    if "days_until_due" in params:
        invoice["due_date"] = invoice["created"] + params["days_until_due"] * _DAY
    invoice["metadata"] = merged(invoice["metadata"], params.get("metadata"))
