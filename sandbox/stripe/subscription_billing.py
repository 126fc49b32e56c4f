"""The invoices of a subscription: the first one at once, one more for each period.

https://docs.stripe.com/billing/invoices/subscription
"""

from __future__ import annotations

from sandbox.stripe.books import Books, Params, Record
from sandbox.stripe.collecting import collect
from sandbox.stripe.events import emit, emit_change
from sandbox.stripe.invoice_lines import item_parent, line_of, put_lines, subscription_parent
from sandbox.stripe.invoice_steps import finalize, method_of, no_method
from sandbox.stripe.invoice_totals import total_up
from sandbox.stripe.invoices import draft, intent_of
from sandbox.stripe.periods import period_at


def bill_first(books: Books, subscription: Record, params: Params) -> Record:
    """Make, finalize and try to collect the first invoice; a failure leaves it open."""
    invoice = _draft(books, subscription, "subscription_create")
    now = books.now()
    extra = [
        line_of(
            books,
            {"tax_rates": _ids(subscription["default_tax_rates"]), **given},
            subscription["currency"],
            item_parent(subscription["id"]),
            (now, now),
        )
        for given in params.get("add_invoice_items", [])
    ]
    _open(books, subscription, invoice, [*_item_lines(books, subscription), *extra])
    if invoice["status"] == "paid":
        return invoice
    method = method_of(books, invoice)
    if method is None:
        raise no_method()
    collect(books, invoice, method, off_session=params.get("off_session", False))
    return invoice


def renew(books: Books, subscription: Record) -> Record:
    """Start the next period with a draft invoice, which is finalized an hour later."""
    before = dict(subscription)
    items = [dict(item) for item in subscription["items"]["data"]]
    ended = items[0]["current_period_start"], items[0]["current_period_end"]
    for item in items:
        every = item["price"]["recurring"]
        item["current_period_start"], item["current_period_end"] = period_at(
            subscription["billing_cycle_anchor"],
            every["interval"],
            every["interval_count"],
            books.now(),
        )
    subscription["items"] = {**subscription["items"], "data": items}
    invoice = _draft(books, subscription, "subscription_cycle")
    invoice.update(period_start=ended[0], period_end=ended[1], auto_advance=True)
    put_lines(books, invoice, _item_lines(books, subscription))
    subscription["latest_invoice"] = invoice["id"]
    books.save(subscription)
    books.save(total_up(books, invoice))
    emit(books, "invoice.created", invoice)
    emit_change(books, "customer.subscription.updated", before, subscription)
    return invoice


def collect_renewal(books: Books, invoice: Record) -> None:
    """Finalize a draft that waited its hour and charge it without the customer."""
    invoice = finalize(books, invoice)
    charge_waiting(books, invoice)


def charge_waiting(books: Books, invoice: Record) -> None:
    """Charge an open invoice that advances by itself, unless a debit is on its way."""
    method = method_of(books, invoice)
    invoice["next_payment_attempt"] = None
    books.save(invoice)
    intent = intent_of(books, invoice)
    under_way = intent is not None and intent["status"] == "processing"
    if invoice["status"] == "open" and method and not under_way:
        collect(books, invoice, method, off_session=True)


def _draft(books: Books, subscription: Record, reason: str) -> Record:
    customer = books.get("customer", subscription["customer"])
    invoice = draft(books, customer, subscription["currency"])
    details = {
        "metadata": subscription["metadata"],
        "subscription": subscription["id"],
    }
    invoice.update(
        billing_reason=reason,
        default_tax_rates=subscription["default_tax_rates"],
        parent={
            "quote_details": None,
            "subscription_details": details,
            "type": "subscription_details",
        },
    )
    return invoice


def _open(books: Books, subscription: Record, invoice: Record, lines: list[Record]) -> None:
    put_lines(books, invoice, lines)
    subscription["latest_invoice"] = invoice["id"]
    books.save(subscription)
    books.save(total_up(books, invoice))
    emit(books, "invoice.created", invoice)
    finalize(books, invoice)


def _item_lines(books: Books, subscription: Record) -> list[Record]:
    return [
        {
            **line_of(
                books,
                {
                    "price": item["price"]["id"],
                    "quantity": item["quantity"],
                    "tax_rates": _ids(item["tax_rates"] or subscription["default_tax_rates"]),
                },
                subscription["currency"],
                subscription_parent(subscription["id"], item["id"]),
                (item["current_period_start"], item["current_period_end"]),
            ),
            "subscription": subscription["id"],
        }
        for item in subscription["items"]["data"]
    ]


def _ids(tax_rates: list[Record]) -> list[str]:
    return [rate["id"] for rate in tax_rates]
