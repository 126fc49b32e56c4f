"""CRM records: properties with their history, kept per portal and object type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.hubspot import arithmetic, schema, stage_rules
from sandbox.hubspot.errors import not_found
from sandbox.hubspot.values import checked, timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.store import Record, Table
    from sandbox.world import World

_FIRST_ID = 20_000_000_000
_CREATED = {"notes": "hs_createdate"}
_CHANGED = {"contacts": "lastmodifieddate"}


def table(world: World, portal: str, kind: str) -> Table:
    return world.store.table("hubspot", portal, kind)


def get(world: World, portal: str, kind: str, record_id: str) -> Record:
    """Return a living record; 404 when it is unknown, archived or another portal's."""
    record = table(world, portal, kind).get(record_id)
    if record is None or record["archived"]:
        raise not_found(f"Object not found. objectId={record_id}")
    return record


def create(
    world: World,
    portal: str,
    kind: str,
    properties: Mapping[str, Any],
    *,
    record_id: str | None = None,
    source: str = "INTEGRATION",
) -> Record:
    """Check and store a new record; ids rise per portal unless one is given."""
    values = checked(world, portal, kind, properties)
    new_id = record_id or str(_FIRST_ID + world.store.number(f"hubspot.{portal}"))
    now = timestamp(world.clock.now())
    record: Record = {
        "id": new_id,
        "properties": {},
        "history": {},
        "createdAt": now,
        "updatedAt": now,
        "archived": False,
    }
    born = {_CREATED.get(kind, "createdate"): now, "hs_object_id": new_id}
    _apply(world, kind, record, {**values, **born}, source)
    table(world, portal, kind)[new_id] = record
    return record


def update(
    world: World,
    portal: str,
    kind: str,
    record_id: str,
    properties: Mapping[str, Any],
    *,
    source: str = "INTEGRATION",
) -> Record:
    """Check and store changed properties; 404, or 400 by value or by a stage's rule."""
    record = get(world, portal, kind, record_id)
    values = checked(world, portal, kind, properties)
    if kind == "deals" and source == "INTEGRATION":
        stage_rules.check(world, portal, record, values)
    _apply(world, kind, record, values, source)
    table(world, portal, kind)[record_id] = record
    return record


def archive(world: World, portal: str, kind: str, record_id: str) -> None:
    """Delete as HubSpot does: the record is gone for every read."""
    record = table(world, portal, kind).get(record_id)
    if record:
        table(world, portal, kind)[record_id] = {**record, "archived": True}


def force_line_amount(world: World, portal: str, line_id: str, amount: str) -> None:
    """Make HubSpot's own figure of a line differ, as tiers or an unknown rule would."""
    record = get(world, portal, "line_items", line_id)
    record["forced_amount"] = amount
    _apply(world, "line_items", record, {}, "CALCULATED")
    table(world, portal, "line_items")[line_id] = record


def shown(
    world: World,
    portal: str,
    kind: str,
    record: Record,
    *,
    names: Iterable[str] = (),
    with_history: Iterable[str] = (),
) -> Record:
    """Write a record as an answer: asked properties, the constant ones, history newest first."""
    asked = list(names) or schema.default_names(kind)
    constant = [_CREATED.get(kind, "createdate"), _CHANGED.get(kind, "hs_lastmodifieddate")]
    known = [
        name
        for name in dict.fromkeys([*asked, *with_history, *constant, "hs_object_id"])
        if schema.definition(world, portal, kind, name)
    ]
    answer = {
        "id": record["id"],
        "properties": {name: record["properties"].get(name) or None for name in known},
        "createdAt": record["createdAt"],
        "updatedAt": record["updatedAt"],
        "archived": record["archived"],
        "url": f"{world.settings.hubspot_app_base}/contacts/{portal}/record/"
        f"{schema.type_id(kind)}/{record['id']}",
    }
    if with_history:
        answer["propertiesWithHistory"] = {
            name: list(reversed(record["history"].get(name, []))) for name in with_history
        }
    return answer


def _apply(
    world: World, kind: str, record: Record, values: Mapping[str, str | None], source: str
) -> None:
    now = timestamp(world.clock.now())
    changes = dict(values)
    if kind == "line_items":
        changes |= arithmetic.calculated({**record["properties"], **changes})
        if "forced_amount" in record:
            changes["amount"] = record["forced_amount"]
    for name, value in changes.items():
        if record["properties"].get(name) != value:
            record["properties"][name] = value
            record["history"].setdefault(name, []).append(
                {"value": value, "timestamp": now, "sourceType": source, "sourceId": kind}
            )
    record["properties"][_CHANGED.get(kind, "hs_lastmodifieddate")] = now
    record["updatedAt"] = now
