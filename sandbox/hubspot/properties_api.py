"""/crm/properties/2026-09: property definitions and groups (developers.hubspot.com)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flask import Blueprint, request

from sandbox.hubspot import schema
from sandbox.hubspot.access import need
from sandbox.hubspot.batches import batch_answer, inputs_of
from sandbox.hubspot.errors import HubSpotError, invalid, not_found
from sandbox.hubspot.values import timestamp
from sandbox.world import current_world

if TYPE_CHECKING:
    from sandbox.store import Record

routes = Blueprint("hubspot_properties", __name__, url_prefix="/crm/properties/2026-09")

Answer = tuple[dict[str, Any], int]

_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_TYPES = {"bool", "date", "datetime", "enumeration", "number", "phone_number", "string"}
_FIELD_TYPES = {
    *("booleancheckbox", "calculation_equation", "checkbox", "date", "file", "html", "number"),
    *("phonenumber", "radio", "select", "text", "textarea"),
}
_OPTION_FIELDS = ("label", "value", "displayOrder", "hidden")


@routes.get("/<type_name>")
def read_all(type_name: str) -> dict[str, Any]:
    """List every property definition."""
    kind, portal = _enter(type_name, "read")
    return {"results": schema.definitions(current_world(), portal, kind)}


@routes.get("/<type_name>/<name>")
def read_one(type_name: str, name: str) -> Record:
    """Read one definition."""
    kind, portal = _enter(type_name, "read")
    found = schema.definition(current_world(), portal, kind, name)
    if found is None:
        raise not_found(f'Property "{name}" does not exist')
    return found


@routes.post("/<type_name>/batch/read")
def read_many(type_name: str) -> Answer:
    """Read definitions by name; 207 when some do not exist."""
    kind, portal = _enter(type_name, "read")
    names = [str(entry.get("name", "")) for entry in inputs_of(request.get_json(silent=True))]
    found = [schema.definition(current_world(), portal, kind, name) for name in names]
    missing = [name for name, one in zip(names, found, strict=True) if one is None]
    errors = [_unknown(name) for name in missing]
    return batch_answer(current_world(), [one for one in found if one], errors)


@routes.post("/<type_name>")
def create(type_name: str) -> Answer:
    """Create one property; 409 when it exists."""
    kind, portal = _enter(type_name, "write")
    return _create(portal, kind, request.get_json(silent=True) or {}), 201


@routes.post("/<type_name>/batch/create")
def create_many(type_name: str) -> Answer:
    """Create properties; those refused are errors of the batch and the status is 207."""
    kind, portal = _enter(type_name, "write")
    results, errors = [], []
    for wanted in inputs_of(request.get_json(silent=True)):
        try:
            results.append(_create(portal, kind, wanted))
        except HubSpotError as problem:
            errors.append({**problem.body, "context": {"name": [str(wanted.get("name"))]}})
    return batch_answer(current_world(), results, errors)


@routes.get("/<type_name>/groups")
def read_groups(type_name: str) -> dict[str, Any]:
    """List the groups."""
    kind, portal = _enter(type_name, "read")
    return {"results": list(schema.groups(current_world(), portal, kind).values())}


@routes.get("/<type_name>/groups/<name>")
def read_group(type_name: str, name: str) -> Record:
    """Read one group."""
    kind, portal = _enter(type_name, "read")
    group = schema.groups(current_world(), portal, kind).get(name)
    if group is None:
        raise not_found(f'Property group "{name}" does not exist')
    return group


@routes.post("/<type_name>/groups")
def create_group(type_name: str) -> Answer:
    """Create a group from `name` and `label`; 409 when it exists."""
    kind, portal = _enter(type_name, "write")
    wanted = request.get_json(silent=True) or {}
    name = str(wanted.get("name", ""))
    if not _NAME.fullmatch(name) or not wanted.get("label"):
        raise invalid("A property group needs a name in lower case and a label.")
    if name in schema.groups(current_world(), portal, kind):
        raise HubSpotError(409, "OBJECT_ALREADY_EXISTS", f'Property group "{name}" already exists')
    group = {"name": name, "label": wanted["label"], "displayOrder": -1, "archived": False}
    schema.created_groups(current_world(), portal, kind)[name] = group
    return group, 201


def _enter(type_name: str, action: str) -> tuple[str, str]:
    kind = schema.object_type(type_name)
    return kind, need(f"crm.schemas.{kind}.{action}")


def _create(portal: str, kind: str, wanted: Record) -> Record:
    world, name = current_world(), str(wanted.get("name", ""))
    _check(world, portal, kind, wanted)
    if schema.definition(world, portal, kind, name):
        raise HubSpotError(
            409,
            "OBJECT_ALREADY_EXISTS",
            f"A property named '{name}' already exists.",
            subCategory="Properties.PROPERTY_ALREADY_EXISTS",
        )
    made = {
        "description": "",
        "options": [],
        "formField": False,
        "hidden": False,
        "hasUniqueValue": False,
        "displayOrder": -1,
        **wanted,
        "calculated": False,
        "hubspotDefined": False,
        "archived": False,
        "createdAt": timestamp(world.clock.now()),
        "modificationMetadata": {
            "archivable": True,
            "readOnlyDefinition": False,
            "readOnlyValue": False,
        },
    }
    schema.created(world, portal, kind)[name] = made
    return made


def _check(world: Any, portal: str, kind: str, wanted: Record) -> None:
    missing = [
        field
        for field in ("name", "label", "groupName", "type", "fieldType")
        if not wanted.get(field)
    ]
    if missing:
        raise invalid(f"Invalid input JSON: {', '.join(missing)} required")
    if not _NAME.fullmatch(wanted["name"]):
        raise invalid(f"Property name {wanted['name']!r} must be lower case, digits, underscores")
    if wanted["type"] not in _TYPES or wanted["fieldType"] not in _FIELD_TYPES:
        raise invalid(f"Unknown type {wanted['type']!r} or fieldType {wanted['fieldType']!r}")
    if wanted["groupName"] not in schema.groups(world, portal, kind):
        raise invalid(f'Property group "{wanted["groupName"]}" does not exist')
    for option in wanted.get("options") or []:
        if any(field not in option for field in _OPTION_FIELDS):
            raise invalid("Every option needs label, value, displayOrder and hidden.")


def _unknown(name: str) -> Record:
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": f'Property "{name}" does not exist',
        "context": {"name": [name]},
        "errors": [],
        "links": {},
    }
