"""Which properties an object type has: HubSpot's own, and those an app created."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sandbox.hubspot.errors import not_found
from sandbox.hubspot.portals import PIPELINES

if TYPE_CHECKING:
    from sandbox.store import Record, Table
    from sandbox.world import World

_OWN: dict[str, Any] = json.loads(
    Path(__file__).with_name("properties.json").read_text(encoding="utf-8")
)
_IDS = {"0-1": "contacts", "0-2": "companies", "0-3": "deals", "0-8": "line_items", "0-46": "notes"}
_SINGULAR = {
    "contact": "contacts",
    "company": "companies",
    "deal": "deals",
    "line_item": "line_items",
    "note": "notes",
}
_FIELD_TYPES = {
    "string": "text",
    "number": "number",
    "datetime": "date",
    "date": "date",
    "bool": "booleancheckbox",
    "enumeration": "select",
    "calculated": "calculation_equation",
}
FREQUENCIES = (
    "weekly",
    "biweekly",
    "monthly",
    "quarterly",
    "per_six_months",
    "annually",
    "per_two_years",
    "per_three_years",
    "per_four_years",
    "per_five_years",
)
_LABELS = {"closed_won_reason": "Motif de gain"}
_OPTIONS = {
    ("deals", "dealstage"): tuple(stage for _, _, stages in PIPELINES for stage, _, _ in stages),
    ("deals", "pipeline"): tuple(pipeline for pipeline, _, _ in PIPELINES),
    ("line_items", "recurringbillingfrequency"): FREQUENCIES,
}


def object_type(name: str) -> str:
    """Return the plural name behind `deals`, `deal` or `0-3`; 404 for a type not played here."""
    known = _IDS.get(name) or _SINGULAR.get(name) or name
    if known not in _OWN:
        raise not_found(f"Unable to infer object type from: {name}")
    return known


def type_id(kind: str) -> str:
    """Return HubSpot's number of an object type, e.g. `0-3` of deals."""
    return next(number for number, name in _IDS.items() if name == kind)


def created(world: World, portal: str, kind: str) -> Table:
    """Return the table of the properties apps made."""
    return world.store.table("hubspot", portal, "properties", kind)


def created_groups(world: World, portal: str, kind: str) -> Table:
    return world.store.table("hubspot", portal, "groups", kind)


def groups(world: World, portal: str, kind: str) -> dict[str, Record]:
    own = {
        name: {"name": name, "label": label, "displayOrder": 0, "archived": False}
        for name, label in _OWN[kind]["groups"].items()
    }
    return {**own, **created_groups(world, portal, kind)}


def default_names(kind: str) -> list[str]:
    return list(_OWN[kind]["default"])


def definition(world: World, portal: str, kind: str, name: str) -> Record | None:
    """Return one property's definition, None when the portal has no such property."""
    made = created(world, portal, kind).get(name)
    return made or _own_definition(kind, name)


def definitions(world: World, portal: str, kind: str) -> list[Record]:
    """List every property of an object type, HubSpot's own first."""
    own = [_own_definition(kind, name) for group in _FIELD_TYPES for name in _OWN[kind][group]]
    return [found for found in own if found] + list(created(world, portal, kind).values())


def _own_definition(kind: str, name: str) -> Record | None:
    type_ = next((group for group in _FIELD_TYPES if name in _OWN[kind][group]), None)
    if type_ is None:
        return None
    calculated = type_ == "calculated"
    return {
        "name": name,
        "label": _LABELS.get(name) or name.replace("_", " ").capitalize(),
        "description": "",
        "groupName": next(iter(_OWN[kind]["groups"])),
        "type": "string" if calculated else type_,
        "fieldType": _FIELD_TYPES[type_],
        "options": [
            {"label": option, "value": option, "displayOrder": place, "hidden": False}
            for place, option in enumerate(_OPTIONS.get((kind, name), ()))
        ],
        "calculated": calculated,
        "hubspotDefined": True,
        "archived": False,
        "modificationMetadata": {
            "archivable": False,
            "readOnlyDefinition": True,
            "readOnlyValue": calculated,
        },
    }
