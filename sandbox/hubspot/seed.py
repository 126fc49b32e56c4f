"""Plants the example deals of `examples.json` in their portals, once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.hubspot import associations, records

if TYPE_CHECKING:
    from sandbox.world import World

_EXAMPLES = Path(__file__).with_name("examples.json")


def plant(world: World) -> None:
    """Add every example deal that its portal does not have yet."""
    for portal, deals in json.loads(_EXAMPLES.read_text(encoding="utf-8")).items():
        for deal in deals:
            if deal["id"] not in records.table(world, portal, "deals"):
                plant_deal(world, portal, deal)


def plant_deal(world: World, portal: str, deal: dict[str, Any]) -> str:
    """Create a deal with its company, contacts and lines as a person in the CRM would.

    `deal` has the fields of `examples.json`; every `id` may be left out. Returns the deal's id.
    """
    made = _make(
        world,
        portal,
        "deals",
        {
            "id": deal.get("id"),
            "dealname": deal["dealname"],
            "dealstage": deal["dealstage"],
            "pipeline": "default",
            "amount": deal.get("amount", ""),
            "deal_currency_code": deal["currency"],
            "hubspot_owner_id": deal.get("owner", ""),
        },
    )
    here = ("deals", made)
    if deal.get("company"):
        company = _make(world, portal, "companies", deal["company"])
        associations.connect(world, portal, here, ("companies", company))
    for contact in deal["contacts"]:
        add_contact(world, portal, made, contact)
    for place, line in enumerate(deal["lines"]):
        add_line(
            world,
            portal,
            made,
            {
                "hs_line_item_currency_code": deal["currency"],
                "hs_position_on_quote": str(place),
                **line,
            },
        )
    return made


def add_contact(world: World, portal: str, deal_id: str, contact: dict[str, Any]) -> str:
    """Create a contact on a deal, with `label` when it has one, and return its id."""
    fields = {name: value for name, value in contact.items() if name != "label"}
    made = _make(world, portal, "contacts", fields)
    label = contact.get("label") or None
    associations.connect(world, portal, ("deals", deal_id), ("contacts", made), label=label)
    return made


def add_line(world: World, portal: str, deal_id: str, line: dict[str, Any]) -> str:
    """Create a line item on a deal and return its id."""
    made = _make(world, portal, "line_items", line)
    associations.connect(world, portal, ("deals", deal_id), ("line_items", made))
    return made


def _make(world: World, portal: str, kind: str, fields: dict[str, Any]) -> str:
    values = {name: value for name, value in fields.items() if name != "id" and value != ""}
    record = records.create(
        world, portal, kind, values, record_id=fields.get("id"), source="CRM_UI"
    )
    return str(record["id"])
