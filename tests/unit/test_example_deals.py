"""The five example deals, by the product's arithmetic, against amounts written by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import sandbox.hubspot
from app.proposals.preflight import preflight
from app.providers.hubspot.deals import snapshot
from app.snapshot import DealSnapshot, TaxRate
from sandbox.hubspot.arithmetic import calculated
from sandbox.hubspot.portals import PORTALS
from tests.values import make_facts

HERE = Path(sandbox.hubspot.__file__).parent
DEALS = json.loads((HERE / "examples.json").read_text(encoding="utf-8"))["148111"]
EXPECTED = json.loads((HERE / "expected_amounts.json").read_text(encoding="utf-8"))
FACTS = make_facts(
    tax_rates={
        rate: TaxRate(rate, label, f"{percentage:g}", active=active)
        for rate, label, percentage, active in PORTALS[148111].tax_rates
    }
)


def as_read(deal: dict[str, Any]) -> DealSnapshot:
    """The deal as HubSpot answers it: properties, and each line with its calculated amount."""
    properties = {**deal, "deal_currency_code": deal["currency"]}
    currency = {"hs_line_item_currency_code": deal["currency"]}
    lines = [{**currency, **line} for line in deal["lines"]]
    labels = {person["id"]: (person["label"],) for person in deal["contacts"] if "label" in person}
    return snapshot(
        {"id": deal["id"], "properties": properties},
        [{"id": person["id"], "properties": person} for person in deal["contacts"]],
        [{"id": deal["company"]["id"], "properties": deal["company"]}],
        [{"id": line["id"], "properties": {**line, **calculated(line)}} for line in lines],
        labels,
    )


def test_every_example_has_amounts_written_by_hand() -> None:
    assert {deal["key"] for deal in DEALS} == set(EXPECTED) - {"_about"}


@pytest.mark.parametrize("deal", DEALS, ids=[deal["key"] for deal in DEALS])
def test_example_costs_what_the_hand_wrote(deal: dict[str, Any]) -> None:
    expected = EXPECTED[deal["key"]]

    checked = preflight(as_read(deal), FACTS)

    assert checked.problems == ()
    [offer] = checked.offers
    now, later = offer.due_now, offer.recurring
    assert offer.currency == expected["currency"]
    assert now.total_minor == expected["due_now"]
    assert (now.net_minor, now.tax_minor) == (expected["due_now_net"], expected["tax"])
    recurring = expected["recurring"] and {
        "interval": offer.interval,
        "net": later.net_minor,
        "tax": later.tax_minor,
        "total": later.total_minor,
    }
    assert recurring == expected["recurring"]
    assert bool(offer.interval) is bool(expected["recurring"])


@pytest.mark.parametrize("deal", DEALS, ids=[deal["key"] for deal in DEALS])
def test_example_lines_cost_what_the_hand_wrote(deal: dict[str, Any]) -> None:
    read = as_read(deal)

    [offer] = preflight(read, FACTS).offers

    lines = zip(read.lines, offer.lines, strict=True)
    found = {
        line.id: {"net": sold.net_minor, "tax": sold.tax_minor, "total": sold.total_minor}
        for line, sold in lines
    }
    assert found == EXPECTED[deal["key"]]["lines"]
