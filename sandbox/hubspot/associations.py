"""Which records belong together, in both directions, with HubSpot's type ids and labels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.hubspot.errors import invalid
from sandbox.hubspot.portals import BILLING_LABEL

if TYPE_CHECKING:
    from sandbox.store import Record, Table
    from sandbox.world import World

# (from, to) -> what an association without a label is made of: type id and name.
_DEFAULT = {
    ("deals", "contacts"): [(3, "deal_to_contact")],
    ("contacts", "deals"): [(4, "contact_to_deal")],
    ("deals", "companies"): [(341, "deal_to_company_unlabeled"), (5, "deal_to_company")],
    ("companies", "deals"): [(342, "company_to_deal_unlabeled"), (6, "company_to_deal")],
    ("deals", "line_items"): [(19, "deal_to_line_item")],
    ("line_items", "deals"): [(20, "line_item_to_deal")],
    ("notes", "deals"): [(214, "note_to_deal")],
    ("deals", "notes"): [(213, "deal_to_note")],
    ("notes", "contacts"): [(202, "note_to_contact")],
    ("contacts", "notes"): [(201, "contact_to_note")],
    ("contacts", "companies"): [(279, "contact_to_company_unlabeled"), (1, "contact_to_company")],
    ("companies", "contacts"): [(280, "company_to_contact_unlabeled"), (2, "company_to_contact")],
}
_LABELS = {5: "Primary", 6: "Primary", 1: "Primary", 2: "Primary"}


def connect(
    world: World,
    portal: str,
    start: tuple[str, str],
    end: tuple[str, str],
    *,
    label: str | None = None,
) -> None:
    """Associate two records, each given as (object type, id), adding a label when one is given."""
    for (kind, record_id), (other, other_id) in ((start, end), (end, start)):
        if (kind, other) not in _DEFAULT:
            raise invalid(f"No association types between {kind} and {other}")
        table = _table(world, portal, kind, other)
        row = table.get(record_id, {"to": {}})
        types = row["to"].get(other_id) or [_spec(*pair) for pair in _DEFAULT[kind, other]]
        if label and all(spec["label"] != label for spec in types):
            types.append(_spec(BILLING_LABEL[1], label.lower().replace(" ", "_"), label))
        row["to"][other_id] = types
        table[record_id] = row


def disconnect(world: World, portal: str, start: tuple[str, str], end: tuple[str, str]) -> None:
    """Remove an association with all its labels."""
    for (kind, record_id), (other, other_id) in ((start, end), (end, start)):
        table = _table(world, portal, kind, other)
        row = table.get(record_id)
        if row and row["to"].pop(other_id, None):
            table[record_id] = row


def unlabel(world: World, portal: str, start: tuple[str, str], end: tuple[str, str]) -> None:
    """Take the people's own labels off an association, keep the association."""
    for (kind, record_id), (other, other_id) in ((start, end), (end, start)):
        table = _table(world, portal, kind, other)
        row = table.get(record_id)
        if row and other_id in row["to"]:
            kept = [spec for spec in row["to"][other_id] if spec["category"] != "USER_DEFINED"]
            row["to"][other_id] = kept
            table[record_id] = row


def connected(
    world: World, portal: str, kind: str, record_id: str, other: str
) -> dict[str, list[dict[str, Any]]]:
    """Return other record's id -> association types, in the order they were made."""
    row: Record = _table(world, portal, kind, other).get(record_id, {"to": {}})
    living = world.store.table("hubspot", portal, other)
    return {
        other_id: types
        for other_id, types in row["to"].items()
        if other_id in living and not living[other_id]["archived"]
    }


def labels(types: list[dict[str, Any]]) -> list[str]:
    """List the labels people gave."""
    return [spec["label"] for spec in types if spec["category"] == "USER_DEFINED"]


def _table(world: World, portal: str, kind: str, other: str) -> Table:
    return world.store.table("hubspot", portal, "associations", kind, other)


def _spec(type_id: int, name: str, label: str | None = None) -> dict[str, Any]:
    return {
        "category": "USER_DEFINED" if label else "HUBSPOT_DEFINED",
        "typeId": type_id,
        "label": label or _LABELS.get(type_id),
        "name": name,
    }
