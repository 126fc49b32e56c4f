"""/crm/associations/2026-09: associations with their labels (developers.hubspot.com)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from sandbox.hubspot import associations, records
from sandbox.hubspot.access import need
from sandbox.hubspot.batches import batch_answer, inputs_of
from sandbox.hubspot.schema import object_type
from sandbox.world import current_world

routes = Blueprint("hubspot_associations", __name__)


@routes.post("/crm/associations/2026-09/<from_type>/<to_type>/batch/read")
def read_many(from_type: str, to_type: str) -> tuple[dict[str, Any], int]:
    """Read the associations of up to 100 records; one without any is an error of the batch."""
    kind, other = object_type(from_type), object_type(to_type)
    portal = need(f"crm.objects.{kind}.read", f"crm.objects.{other}.read")
    results, errors = [], []
    for entry in inputs_of(request.get_json(silent=True)):
        record_id = str(entry.get("id", ""))
        found = associations.connected(current_world(), portal, kind, record_id, other)
        if found:
            results.append({"from": {"id": record_id}, "to": _ends(found)})
        else:
            errors.append(_none_found(kind, other, record_id))
    return batch_answer(current_world(), results, errors)


@routes.put(
    "/crm/objects/2026-09/<from_type>/<from_id>/associations/default/<to_type>/<to_id>",
)
def connect(from_type: str, from_id: str, to_type: str, to_id: str) -> dict[str, Any]:
    """Associate two records without a label."""
    kind, other = object_type(from_type), object_type(to_type)
    portal, world = need(f"crm.objects.{kind}.write"), current_world()
    records.get(world, portal, kind, from_id)
    records.get(world, portal, other, to_id)
    associations.connect(world, portal, (kind, from_id), (other, to_id))
    return batch_answer(world, [{"from": {"id": from_id}, "to": {"id": to_id}}], [])[0]


def _ends(found: dict[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    return [
        {
            "toObjectId": other_id,
            "associationTypes": [
                {name: spec[name] for name in ("category", "typeId", "label")} for spec in types
            ],
        }
        for other_id, types in found.items()
    ]


def _none_found(kind: str, other: str, record_id: str) -> dict[str, Any]:
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No {other} is associated with {kind} {record_id}.",
        "context": {"fromObjectId": [record_id], "toObjectType": [other]},
        "errors": [],
        "links": {},
    }
