"""Rules about invoices and previews."""

# ruff: noqa: ARG001 - every check is called the same way

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe.errors import StripeError, missing
from sandbox.stripe.invoices import intent_of, subscription_of
from sandbox.stripe.rules_billing import sepa_refused

if TYPE_CHECKING:
    from sandbox.stripe.books import Books, Params, Record

_VOIDABLE = {"open", "uncollectible"}


def invoice_has_a_customer(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    if params.get("customer"):
        return None
    return StripeError(
        "Missing required param: customer.", code="parameter_missing", param="customer"
    )


def sent_invoice_is_due(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    if params.get("collection_method") != "send_invoice" or "days_until_due" in params:
        return None
    return StripeError(
        "If invoices are sent, you must specify `days_until_due` or `due_date`.",
        code="parameter_missing",
        param="days_until_due",
    )


def invoice_exists(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    return None if books.find("invoice", ids[0]) else missing("invoice", ids[0], "invoice")


def line_has_an_amount(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    sources = {"amount", "price_data", "pricing", "invoice_item"}
    for index, line in enumerate(params["lines"]):
        if len(sources & set(line)) != 1:
            return StripeError(
                "You must specify exactly one of `amount`, `price_data`, `pricing` or "
                "`invoice_item` for each line.",
                param=f"lines[{index}]",
            )
    return None


def invoice_is_a_draft(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    invoice = books.get("invoice", ids[0])
    if invoice["status"] == "draft":
        return None
    return StripeError(
        f"This invoice is no longer a draft (it is {invoice['status']}), so it can't be modified, "
        "finalized or deleted.",
        code="invoice_not_editable",
    )


def draft_is_no_subscriptions(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    if subscription_of(books.get("invoice", ids[0])) is None:
        return None
    return StripeError(
        "You can't delete invoices created by subscriptions. You can void them once they are "
        "finalized.",
        code="invoice_not_editable",
    )


def invoice_can_be_paid(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    invoice = books.get("invoice", ids[0])
    if invoice["status"] == "paid":
        return StripeError("Invoice is already paid")
    if invoice["status"] != "open":
        return StripeError(
            f"You can only pay an open invoice. This invoice is {invoice['status']}."
        )
    intent = intent_of(books, invoice)
    if intent and intent["status"] == "processing":
        return StripeError(
            "This invoice already has a payment that is processing.",
            code="payment_intent_unexpected_state",
        )
    method = books.find("payment_method", params.get("payment_method"))
    return _not_euro(invoice, method)


def invoice_can_be_voided(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    status = books.get("invoice", ids[0])["status"]
    if status in _VOIDABLE:
        return None
    return StripeError(
        f"You can only pass in open and uncollectible invoices. This invoice is currently {status}."
    )


def draft_keeps_its_fields(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    """Once finalized, only what is not printed on an invoice may change."""
    fixed = {"description", "footer", "custom_fields", "days_until_due"} & set(params)
    return invoice_is_a_draft(books, params, ids) if fixed else None


def preview_has_lines(books: Books, params: Params, ids: list[str]) -> StripeError | None:
    if "customer" not in params and "customer_details" not in params:
        return StripeError(
            "You must provide one of `customer` or `customer_details`.",
            code="parameter_missing",
            param="customer",
        )
    items = params.get("subscription_details", {}).get("items") or params.get("invoice_items")
    if items or "subscription" in params:
        return None
    return StripeError(
        f"No upcoming invoices for customer: {params.get('customer', '')}",
        status=404,
        code="invoice_upcoming_none",
    )


def _not_euro(invoice: Record, method: Record | None) -> StripeError | None:
    if method and method["type"] == "sepa_debit" and invoice["currency"] != "eur":
        return sepa_refused("payment_method")
    return None
