"""The five example deals from the card's button to the money, with the sums written by hand."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.people import DEBIT, Customer, Pictures, Rep
from tests.e2e.windows import EXPECTED, Windows, figure

# Example -> its deal in the CRM, who gets the proposal, and how the rhythm is said.
EXAMPLES = {
    "monthly_coworking": ("Atelier Martin", "jeanne@atelier-martin.example", "par mois"),
    "room_hire": ("Cabinet Leroy", "hugo@cabinet-leroy.example", None),
    "membership_with_fee": ("Studio Nord", "comptabilite@studio-nord.example", "par mois"),
    "yearly_gbp": ("Harbour Ltd", "olivia@harbour.example", "par an"),
    "one_off_jpy": ("Aozora KK", "haruka@aozora.example", None),
}
# Rhythms that another test of every run goes through.
FOR_LONG_RUNS = {"monthly_coworking", "one_off_jpy"}


@pytest.mark.parametrize(
    "example",
    [
        pytest.param(name, marks=pytest.mark.long if name in FOR_LONG_RUNS else ())
        for name in EXAMPLES
    ],
)
def test_example_costs_what_was_written_by_hand(
    example: str,
    rep: Rep,
    customer: Callable[..., Customer],
    windows: Windows,
    picture: Pictures,
) -> None:
    name, email, rhythm = EXAMPLES[example]
    expected = EXPECTED[example]
    due, later = shown(expected)
    buyer = customer(email)

    rep.find_deal(name)
    expect(rep.card).to_contain_text("Proposition non créée")
    expect(rep.button).to_contain_text(email)
    expect(rep.button).to_contain_text(due)
    if later:
        expect(rep.button).to_contain_text(later)
        expect(rep.button).to_contain_text(str(rhythm))
    picture(rep.page, "card")
    rep.send()

    buyer.open_proposal()
    choice = buyer.page.locator("#choice")
    expect(choice).to_contain_text(due)
    expect(buyer.page.locator("#now + table")).to_contain_text(due)
    expect(buyer.page.locator("#now + table")).to_contain_text(
        figure(expected["due_now_net"], expected["currency"])
    )
    if later:
        expect(choice).to_contain_text(later)
    debits = 1 if expected["currency"] == "EUR" else 0
    expect(buyer.page.get_by_role("button", name=DEBIT)).to_have_count(debits)
    picture(buyer.page, "page")
    buyer.pay()
    buyer.sees(re.compile("Merci"))
    picture(buyer.page, "paid")

    invoice = windows.bought(email).only_invoice()
    assert invoice["status"] == "paid"
    assert invoice["currency"] == expected["currency"].lower()
    assert (invoice["total"], invoice["amount_paid"]) == (expected["due_now"],) * 2
    assert sum(tax["amount"] for tax in invoice["total_taxes"]) == expected["tax"]
    rep.finds("Proposition acceptée", r"(?m)^Payé$")


def shown(expected: dict[str, Any]) -> tuple[re.Pattern[str], re.Pattern[str] | None]:
    """How the sum due now and the recurring one may be written."""
    currency, recurring = expected["currency"], expected["recurring"]
    return (
        figure(expected["due_now"], currency),
        figure(recurring["total"], currency) if recurring else None,
    )
