"""A property value as HubSpot takes it: checked against the definition, kept as text."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from sandbox.hubspot import schema
from sandbox.hubspot.errors import invalid, invalid_properties

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.store import Record
    from sandbox.world import World

_LONGEST = 65_536


class ValueRefusedError(ValueError):
    """The value does not fit the property; `code` is HubSpot's word for it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def checked(world: World, portal: str, kind: str, given: Mapping[str, Any]) -> dict[str, str]:
    """Return the values as HubSpot stores them; raise 400 naming every property refused."""
    kept: dict[str, str] = {}
    problems = []
    for name, value in given.items():
        try:
            kept[name] = _one(schema.definition(world, portal, kind, name), name, value)
        except ValueRefusedError as problem:
            problems.append(_problem(name, problem))
    if problems:
        raise invalid_properties(problems)
    return kept


def timestamp(moment: datetime) -> str:
    """Write an instant as HubSpot does: milliseconds and Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _one(found: Record | None, name: str, value: Any) -> str:
    if found is None:
        raise ValueRefusedError("PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')
    if found.get("modificationMetadata", {}).get("readOnlyValue"):
        raise ValueRefusedError("READ_ONLY_VALUE", f'"{name}" is a read only property')
    text = _as_text(value)
    if len(text) > _LONGEST:
        raise ValueRefusedError("INVALID_LONG_TEXT", f"{name} is longer than {_LONGEST} characters")
    return _typed(found, text) if text else text


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        raise invalid(f"Invalid input JSON: cannot read {json.dumps(value)} as a property value")
    return str(value)


def _typed(found: Record, text: str) -> str:
    kind = found["type"]
    if kind == "number":
        return _number(found["name"], text)
    if kind in {"datetime", "date"}:
        return _moment(found["name"], kind, text)
    allowed = [option["value"] for option in found["options"]]
    if kind == "bool":
        allowed = ["true", "false"]
    if allowed and text not in allowed:
        raise ValueRefusedError(
            "INVALID_OPTION", f"{text} was not one of the allowed options: {allowed}"
        )
    return text


def _number(name: str, text: str) -> str:
    try:
        if Decimal(text).is_finite():
            return text
    except InvalidOperation:
        pass
    raise ValueRefusedError("INVALID_DOUBLE", f"{name}: {text} was not a valid number.")


def _moment(name: str, kind: str, text: str) -> str:
    try:
        if kind == "date" and not text.isdigit():
            return date.fromisoformat(text).isoformat()
        moment = (
            datetime.fromtimestamp(int(text) / 1000, UTC)
            if text.lstrip("-").isdigit()
            else datetime.fromisoformat(text)
        )
    except (ValueError, OverflowError, OSError) as problem:
        raise ValueRefusedError(
            "INVALID_DATE", f"{name}: {text} was not a valid {kind}."
        ) from problem
    if kind == "date":
        return moment.date().isoformat()
    return timestamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _problem(name: str, problem: ValueRefusedError) -> dict[str, Any]:
    return {
        "isValid": False,
        "message": str(problem),
        "error": problem.code,
        "name": name,
        "localizedErrorMessage": str(problem),
    }
