"""The receipt: a small tagged PDF in which CRM text is only text."""

from __future__ import annotations

import json
import zlib
from datetime import UTC, datetime
from re import DOTALL, findall

import pytest

from app.language import LANGUAGES
from app.wording.figures import money
from app.wording.receipt import receipt_pdf, shown_on_receipt
from tests.values import plain

DATA = {
    "seller_name": "Maison du Test",
    "seller_about": ["12 rue des Lilas", "69003 Lyon"],
    "accent": "#14483d",
    "company_name": "Atelier Martin",
    "recipient_name": "Jeanne Martin",
    "recipient_email": "jeanne@atelier-martin.example",
    "invoice_number": "F-0001",
    "proposal_number": "P-2026-0001",
    "paid_at": datetime(2026, 11, 21, 20, 30, tzinfo=UTC),
    "method": "card",
    "currency": "EUR",
    "lines": [{"description": "Poste dédié", "amount_minor": 45_000}],
    "line_names": ["Poste", "Poste dédié"],
    "discount_minor": 0,
    "tax_minor": 9_000,
    "total_minor": 54_000,
    "paid_minor": 54_000,
}
HOSTILE = '#read("/etc/passwd") #evil[x] $a$ ] } \\ " \u202e\r\n🦊 東京' + "z" * 10_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_receipt_is_a_small_tagged_pdf(language: str) -> None:
    pdf = receipt_pdf(DATA, language)

    plain = pdf + b"".join(
        _inflated(part) for part in findall(rb"stream\r?\n(.*?)endstream", pdf, DOTALL)
    )
    assert pdf.startswith(b"%PDF-1.7")
    assert b"/MarkInfo" in plain
    assert b"/StructTreeRoot" in plain
    assert len(pdf) < 60_000


def _inflated(part: bytes) -> bytes:
    try:
        return zlib.decompress(part)
    except zlib.error:
        return b""


def test_hostile_text_is_set_as_text() -> None:
    data = {name: HOSTILE if isinstance(value, str) else value for name, value in DATA.items()}
    data["accent"] = DATA["accent"]  # checked when it is chosen
    lines = [{"description": HOSTILE, "amount_minor": 45_000}] * 40

    pdf = receipt_pdf({**data, "currency": "EUR", "lines": lines}, "fr")

    assert pdf.startswith(b"%PDF-1.7")


def test_receipt_says_received_tax_and_total() -> None:
    shown = shown_on_receipt(DATA, "fr")

    assert plain(shown["received"]) == (
        "Maison du Test a reçu 540,00 EUR le 21 novembre 2026, en règlement de la facture F-0001."
    )
    assert shown["rows"] == [["Poste dédié", money(45_000, "EUR", "fr")]]
    assert shown["reckoned"] == [["TVA", money(9_000, "EUR", "fr")]]
    assert shown["total"] == money(54_000, "EUR", "fr")
    assert shown["customer"] == [
        "Atelier Martin",
        "Jeanne Martin",
        "jeanne@atelier-martin.example",
    ]
    assert json.dumps(shown)


def test_line_that_stripe_worded_has_the_proposals_name() -> None:
    words = ["1 × Poste (at €450.00 / month)", "2 × Poste (dédié) (at €9.00 / month)", "Salle"]
    lines = [{"description": said, "amount_minor": 15_000} for said in words]
    names = ["Poste", "Poste (dédié)", "Autre"]

    rows = shown_on_receipt({**DATA, "lines": lines, "line_names": names}, "fr")["rows"]

    assert [name for name, _ in rows] == ["Poste", "2 × Poste (dédié)", "Salle"]


def test_untaxed_receipt_shows_no_tax() -> None:
    untaxed = {"total_minor": 45_000, "paid_minor": 45_000, "tax_minor": 0}

    assert shown_on_receipt({**DATA, **untaxed}, "en")["reckoned"] == []


def test_receipt_tells_discount_from_tax() -> None:
    """10 % off 450.00, and 20 % tax on what is left."""
    given = {"discount_minor": 4_500, "tax_minor": 8_100, "total_minor": 48_600}

    rows = shown_on_receipt({**DATA, **given, "paid_minor": 48_600}, "en")["reckoned"]

    assert [[name, plain(sum_)] for name, sum_ in rows] == [
        ["Discount", "-EUR 45.00"],
        ["Tax", "EUR 81.00"],
    ]


@pytest.mark.parametrize(
    ("paid", "rows"),
    [
        (44_000, [["Invoice total", 54_000], ["Your credit", -10_000]]),
        (55_000, [["Invoice total", 54_000], ["Earlier balance", 1_000]]),
    ],
)
def test_receipt_says_what_was_received_and_what_else_paid(
    paid: int, rows: list[tuple[str, int]]
) -> None:
    shown = shown_on_receipt({**DATA, "paid_minor": paid}, "en")

    assert shown["reckoned"][1:] == [[name, money(minor, "EUR", "en")] for name, minor in rows]
    assert shown["total"] == money(paid, "EUR", "en")
    assert money(paid, "EUR", "en") in shown["received"]


def test_receipt_of_what_credit_settled_says_nothing_was_charged() -> None:
    shown = shown_on_receipt({**DATA, "paid_minor": 0}, "en")

    assert shown["received"].endswith("nothing was charged.")
    assert shown["total"] == money(0, "EUR", "en")
