"""The sums of an invoice: discount per line, tax per line, totals of rounded lines, what is due.

https://docs.stripe.com/api/invoices/object and https://docs.stripe.com/billing/taxes/tax-rates.
Everything is rounded per line, half up; this arithmetic is the sandbox's own.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.stripe.balances import balance_in
from sandbox.stripe.books import Books, Record
from sandbox.stripe.discounts import applies, shares
from sandbox.stripe.invoice_lines import embedded, lines_of, put_lines
from sandbox.stripe.money import half_up, least_charge

_EXEMPT = {"exempt": "customer_exempt", "reverse": "reverse_charge"}


def total_up(books: Books, invoice: Record) -> Record:
    """Recompute a stored draft from its lines, its customer's discount and balance."""
    lines = lines_of(books, invoice["id"])
    fill(books, invoice, lines, books.get("customer", invoice["customer"]))
    put_lines(books, invoice, lines)
    return invoice


def fill(books: Books, invoice: Record, lines: list[Record], customer: Record) -> None:
    """Put amounts into the lines and the sums into the invoice; nothing is saved."""
    _discount(books, lines, customer.get("discount"), invoice["currency"])
    for line in lines:
        _tax(books, line, customer.get("tax_exempt") or "none")
    exclusive = _sum_taxes(lines, "exclusive")
    inclusive = _sum_taxes(lines, "inclusive")
    subtotal = sum(line["amount"] for line in lines)
    discounts = _by_discount(lines)
    total = subtotal - sum(entry["amount"] for entry in discounts) + exclusive
    invoice.update(
        {
            "lines": embedded(invoice["id"], lines),
            "discounts": [entry["discount"] for entry in discounts],
            "subtotal": subtotal,
            "subtotal_excluding_tax": subtotal - inclusive,
            "total": total,
            "total_discount_amounts": discounts,
            "total_excluding_tax": total - exclusive - inclusive,
            "total_pretax_credit_amounts": [],
            "total_taxes": _by_rate(lines),
            "starting_balance": balance_in(books, customer, invoice["currency"]),
        }
    )
    due, _ = due_and_balance(total, invoice["starting_balance"], invoice["currency"])
    invoice.update({"amount_due": due, "amount_remaining": due, "amount_paid": 0})


def due_and_balance(total: int, balance: int, currency: str) -> tuple[int, int]:
    """What is charged now and the customer's balance afterwards.

    A credit (negative balance) lowers what is due, a debit raises it; what is smaller than the
    least charge is carried to the balance. https://docs.stripe.com/billing/customer/balance
    """
    due = total + balance
    if due < least_charge(currency):
        return 0, due
    return due, 0


def _discount(books: Books, lines: list[Record], found: Record | None, currency: str) -> None:
    discount = found if applies(books, found, currency) else None
    open_lines = [line for line in lines if line["discountable"]]
    parts = shares(books, discount, [line["amount"] for line in open_lines])
    for line in lines:
        line["discount_amounts"] = []
    if discount is None:
        return
    for line, part in zip(open_lines, parts, strict=True):
        line["discount_amounts"] = [{"amount": part, "discount": discount["id"]}]


def _tax(books: Books, line: Record, exempt: str) -> None:
    taxable = line["amount"] - sum(entry["amount"] for entry in line["discount_amounts"])
    for tax in line["taxes"]:
        rate = books.get("tax_rate", tax["tax_rate_details"]["tax_rate"])
        share = Decimal(str(rate["percentage"])) / 100
        if exempt in _EXEMPT:
            tax.update({"amount": 0, "taxability_reason": _EXEMPT[exempt], "taxable_amount": 0})
        elif rate["inclusive"]:
            net = half_up(taxable / (1 + share))
            tax.update({"amount": taxable - net, "taxable_amount": net})
        else:
            tax.update({"amount": half_up(taxable * share), "taxable_amount": taxable})
        tax["tax_behavior"] = "inclusive" if rate["inclusive"] else "exclusive"


def _sum_taxes(lines: list[Record], behavior: str) -> int:
    return sum(
        int(tax["amount"])
        for line in lines
        for tax in line["taxes"]
        if tax["tax_behavior"] == behavior
    )


def _by_rate(lines: list[Record]) -> list[Record]:
    """One total per tax rate, in the order the rates are first met."""
    totals: dict[str, Record] = {}
    for tax in (tax for line in lines for tax in line["taxes"]):
        rate = tax["tax_rate_details"]["tax_rate"]
        if rate not in totals:
            totals[rate] = {**tax, "amount": 0, "taxable_amount": 0}
        totals[rate]["amount"] += tax["amount"]
        totals[rate]["taxable_amount"] += tax["taxable_amount"]
    return list(totals.values())


def _by_discount(lines: list[Record]) -> list[dict[str, Any]]:
    totals: dict[str, int] = {}
    for entry in (entry for line in lines for entry in line["discount_amounts"]):
        totals[entry["discount"]] = totals.get(entry["discount"], 0) + entry["amount"]
    return [{"amount": amount, "discount": key} for key, amount in totals.items()]
