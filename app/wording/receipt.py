"""The receipt as PDF, made by typst; every text is passed as JSON data, never as source."""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typst

from app.language import say
from app.methods import METHODS
from app.wording.figures import day, money
from app.wording.plain import cut, one_line

TEMPLATE = Path(__file__).parent.parent / "templates" / "receipt.typ"
LONGEST_NAME = 200
LONGEST_ADDRESS = 1_500
TITLES = ("title", "seller", "customer", "number", "paid_on", "method", "line", "amount", "total")


def receipt_pdf(data: Mapping[str, Any], language: str) -> bytes:
    """Make the receipt of one paid invoice.

    `data`: `seller_name`, `seller_about` (lines), `accent` (`#14483d`), `logo` (PNG, or absent),
    `customer_address` (several lines, or absent), `company_name` (or ""), `recipient_name`,
    `recipient_email`, `invoice_number`, `proposal_number` (or absent), `paid_at` (an instant in the
    seller's time zone), `method` (`card`, `sepa_debit`, words of its own, or ""), `currency`,
    `lines` [{`description`, `amount_minor`}] without tax, `line_names` (what the proposal calls
    them), `discount_minor`, `tax_minor`, `total_minor` (the invoice's) and `paid_minor` (what was
    received for it).
    """
    shown = json.dumps(shown_on_receipt(data, language), ensure_ascii=False)
    return bytes(typst.compile(_template(), format="pdf", sys_inputs={"data": shown}))


@cache
def _template() -> bytes:
    return TEMPLATE.read_bytes()


def shown_on_receipt(data: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Everything the receipt prints, in words for people."""
    currency = data["currency"]
    total = money(data["paid_minor"], currency, language)
    seller = one_line(data["seller_name"], LONGEST_NAME)
    paid_on = day(data["paid_at"].date(), language)
    return {
        "language": language,
        "words": {name: say(language, f"receipt.{name}") for name in TITLES},
        "seller": [seller, *_lines("\n".join(data["seller_about"]))],
        "accent": data["accent"],
        "logo": list(data.get("logo", b"")),
        "customer": _customer(data),
        "invoice_number": one_line(data["invoice_number"], LONGEST_NAME),
        "paid_on": paid_on,
        "method": _method(data["method"], language),
        "received": say(
            language,
            "receipt.received" if data["paid_minor"] else "receipt.settled",
            total=total,
            seller=seller,
            day=paid_on,
            invoice=one_line(data["invoice_number"], LONGEST_NAME),
        ),
        "rows": [
            [
                one_line(_called(line["description"], data["line_names"]), LONGEST_NAME),
                money(line["amount_minor"], currency, language),
            ]
            for line in data["lines"]
        ],
        "reckoned": [
            [say(language, f"receipt.{name}"), money(minor, currency, language)]
            for name, minor in _reckoned(data)
        ],
        "total": total,
        "proposal": _proposal(data, language),
    }


def _customer(data: Mapping[str, Any]) -> list[str]:
    names = [data["company_name"], data["recipient_name"], data["recipient_email"]]
    shown = [one_line(name, LONGEST_NAME) for name in dict.fromkeys(names) if name]
    return [shown[0], *_lines(data.get("customer_address", "")), *shown[1:]]


def _called(description: str, names: Iterable[str]) -> str:
    """The proposal's own name where Stripe put words of its own around it, in English.

    A subscription's line reads `1 × Poste (at €450.00 / month)`.
    """
    count, times, worded = description.partition(" × ")
    known = [name for name in names if times and worded.startswith(f"{name} (")]
    if not known:
        return description
    name = max(known, key=len)
    return name if count == "1" else f"{count} × {name}"


def _proposal(data: Mapping[str, Any], language: str) -> str:
    number = one_line(data.get("proposal_number", ""), LONGEST_NAME)
    return say(language, "receipt.proposal", number=number) if number else ""


def _lines(text: str) -> list[str]:
    lines = (one_line(line, LONGEST_NAME) for line in cut(text, LONGEST_ADDRESS).splitlines())
    return [line for line in lines if line]


def _method(method: str, language: str) -> str:
    if method in METHODS:
        return say(language, f"receipt.method.{method}")
    return one_line(method, LONGEST_NAME)


def _reckoned(data: Mapping[str, Any]) -> list[tuple[str, int]]:
    """What leads from the lines to the sum received, in minor units, by the name of its words."""
    total, paid = data["total_minor"], data["paid_minor"]
    rows = [("discount", -data["discount_minor"]), ("tax", data["tax_minor"])]
    if paid != total:
        rows += [("invoice_total", total), ("credit" if paid < total else "earlier", paid - total)]
    return [(name, minor) for name, minor in rows if minor]
