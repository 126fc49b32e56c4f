"""/crm/objects/2026-09: read, create and change records (developers.hubspot.com, Objects API)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, request

from sandbox.hubspot import associations, records
from sandbox.hubspot.access import need
from sandbox.hubspot.batches import batch_answer, inputs_of, missing_error
from sandbox.hubspot.errors import HubSpotError, invalid
from sandbox.hubspot.schema import object_type
from sandbox.world import current_world

if TYPE_CHECKING:
    from sandbox.store import Record

routes = Blueprint("hubspot_objects", __name__, url_prefix="/crm/objects/2026-09")

Answer = tuple[dict[str, Any], int]


@routes.get("/<type_name>/<record_id>")
def read_one(type_name: str, record_id: str) -> dict[str, Any]:
    """GET one record with `properties`, `propertiesWithHistory` and `associations`."""
    kind, portal, world = _enter(type_name, "read")
    record = records.get(world, portal, kind, record_id)
    answer = records.shown(
        world,
        portal,
        kind,
        record,
        names=_listed("properties"),
        with_history=_listed("propertiesWithHistory"),
    )
    others = [object_type(name) for name in _listed("associations")]
    for other in others:
        need(_scope(other, "read"))
    found = {
        other.replace("_", " "): _associated(portal, kind, record_id, other) for other in others
    }
    # HubSpot leaves the key out altogether when nothing is associated.
    filled = {name: value for name, value in found.items() if value["results"]}
    return {**answer, **({"associations": filled} if filled else {})}


@routes.post("/<type_name>/batch/read")
def read_many(type_name: str) -> Answer:
    """Read up to 100 records; 207 with errors when some do not exist."""
    kind, portal, world = _enter(type_name, "read")
    ids = [str(entry.get("id", "")) for entry in inputs_of(request.get_json(silent=True))]
    body = request.get_json()
    living = records.table(world, portal, kind)
    # HubSpot promises no order: here it is the records' own, never that of the question.
    found = [
        records.shown(
            world,
            portal,
            kind,
            living[record_id],
            names=body.get("properties") or (),
            with_history=body.get("propertiesWithHistory") or (),
        )
        for record_id in sorted(set(ids) & set(living), key=int)
        if not living[record_id]["archived"]
    ]
    missing = [one for one in ids if one not in {record["id"] for record in found}]
    return batch_answer(world, found, [missing_error(kind, missing)] if missing else [])


@routes.post("/<type_name>")
def create(type_name: str) -> Answer:
    """Create one record with its associations."""
    kind, portal, world = _enter(type_name, "write")
    body = request.get_json(silent=True) or {}
    _require(kind, body.get("properties") or {})
    record = records.create(world, portal, kind, body.get("properties") or {})
    for wanted in body.get("associations") or []:
        _connect(portal, (kind, record["id"]), wanted)
    return records.shown(world, portal, kind, record, names=record["properties"]), 201


@routes.patch("/<type_name>/<record_id>")
def change(type_name: str, record_id: str) -> dict[str, Any]:
    """PATCH some properties of one record."""
    kind, portal, world = _enter(type_name, "write")
    properties = _properties(request.get_json(silent=True))
    record = records.update(world, portal, kind, record_id, properties)
    return records.shown(world, portal, kind, record, names=properties)


@routes.post("/<type_name>/batch/update")
def change_many(type_name: str) -> Answer:
    """Change up to 100 records; 207 when some do not exist, 400 for all on a bad value."""
    kind, portal, world = _enter(type_name, "write")
    found: list[Record] = []
    missing: list[str] = []
    for entry in inputs_of(request.get_json(silent=True)):
        record_id = str(entry.get("id", ""))
        if record_id not in records.table(world, portal, kind):
            missing.append(record_id)
            continue
        properties = _properties(entry)
        record = records.update(world, portal, kind, record_id, properties)
        found.append(records.shown(world, portal, kind, record, names=properties))
    return batch_answer(world, found, [missing_error(kind, missing)] if missing else [])


@routes.delete("/<type_name>/<record_id>")
def archive(type_name: str, record_id: str) -> tuple[str, int]:
    """Archive one record; an unknown one is no error."""
    kind, portal, world = _enter(type_name, "write")
    records.archive(world, portal, kind, record_id)
    return "", 204


def _enter(type_name: str, action: str) -> tuple[str, str, Any]:
    kind = object_type(type_name)
    return kind, need(_scope(kind, action)), current_world()


def _scope(kind: str, action: str) -> str:
    # Notes have no scope of their own: HubSpot asks for the contacts'.
    return f"crm.objects.{'contacts' if kind == 'notes' else kind}.{action}"


def _listed(name: str) -> list[str]:
    return [part.strip() for part in request.args.get(name, "").split(",") if part.strip()]


def _associated(portal: str, kind: str, record_id: str, other: str) -> dict[str, Any]:
    found = associations.connected(current_world(), portal, kind, record_id, other)
    return {
        "results": [
            {"id": other_id, "type": spec["name"]}
            for other_id, types in found.items()
            for spec in types
        ]
    }


def _properties(body: Any) -> dict[str, Any]:
    properties = body.get("properties") if isinstance(body, dict) else None
    if not isinstance(properties, dict) or not properties:
        raise invalid("No properties found to update, please provide at least one.")
    return properties


def _require(kind: str, properties: dict[str, Any]) -> None:
    needed = {"deals": ("dealname", "dealstage", "pipeline"), "notes": ("hs_timestamp",)}
    missing = [name for name in needed.get(kind, ()) if not properties.get(name)]
    if missing:
        raise invalid(
            f"Error creating {kind.upper()}. Some required properties were not set.",
            errors=[{"message": "missing", "context": {"properties": missing}}],
        )


def _connect(portal: str, start: tuple[str, str], wanted: dict[str, Any]) -> None:
    ends = {214: "deals", 202: "contacts", 3: "contacts", 5: "companies", 341: "companies"}
    ends |= {19: "line_items", 20: "deals"}
    for spec in wanted.get("types") or []:
        other = ends.get(spec.get("associationTypeId"))
        if other is None:
            raise HubSpotError(400, "VALIDATION_ERROR", f"unknown association type {spec}")
        other_id = str(wanted["to"]["id"])
        records.get(current_world(), portal, other, other_id)
        associations.connect(current_world(), portal, start, (other, other_id))
