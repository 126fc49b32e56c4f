"""The invoice as a PDF: seller, customer, number, lines, taxes, total."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typst

from sandbox.stripe.accounts import NAMES
from sandbox.stripe.invoice_lines import lines_of
from sandbox.stripe.money import shown
from sandbox.stripe.pages.words import WORDS

if TYPE_CHECKING:
    from sandbox.stripe.books import Books, Record

_TEMPLATE = Path(__file__).with_name("invoice.typ")


def pdf_of(books: Books, invoice: Record, lang: str) -> bytes:
    """Return the bytes of a one- or few-page PDF."""
    content = json.dumps(_content(books, invoice, lang))
    compiled = typst.compile(_TEMPLATE, format="pdf", sys_inputs={"invoice": content})
    if not isinstance(compiled, bytes):
        raise TypeError("typst made no PDF")
    return compiled


def _content(books: Books, invoice: Record, lang: str) -> Record:
    words = WORDS[lang]
    style = invoice["currency"], lang
    address = invoice["customer_address"] or {}
    return {
        "lang": lang,
        "title": words["invoice"],
        "seller": NAMES[books.account],
        "number": invoice["number"] or "",
        "date": datetime.fromtimestamp(invoice["created"], UTC).strftime("%d/%m/%Y"),
        "labels": {
            name: words[name] for name in ("bill_to", "date", "description", "quantity", "amount")
        },
        "customer": [
            part
            for part in (
                invoice["customer_name"],
                invoice["customer_email"],
                address.get("line1"),
                address.get("line2"),
                " ".join(filter(None, (address.get("postal_code"), address.get("city")))),
                address.get("country"),
            )
            if part
        ],
        "lines": [
            [line["description"] or "", str(line["quantity"]), shown(line["amount"], *style)]
            for line in lines_of(books, invoice["id"])
        ],
        "sums": [[label, shown(amount, *style)] for label, amount in _sums(invoice, words)],
    }


def _sums(invoice: Record, words: dict[str, str]) -> list[tuple[str, int]]:
    sums = [(words["subtotal"], invoice["subtotal"])]
    sums += [(words["discount"], -entry["amount"]) for entry in invoice["total_discount_amounts"]]
    sums += [(words["tax"], entry["amount"]) for entry in invoice["total_taxes"]]
    sums.append((words["total"], invoice["total"]))
    if invoice["amount_due"] != invoice["total"]:
        sums.append((words["balance"], invoice["amount_due"] - invoice["total"]))
    sums.append((words["due"], invoice["amount_due"]))
    return sums
