"""Check a request against shapes.json and turn its strings into typed values.

A shape is a word (`string`, `integer`, `number`, `decimal`, `boolean`, `empty`) or one of
`{"enum": name}`, `{"list": shape}`, `{"map": shape}`, `{"any_of": [shape, ...]}` and
`{"hash": {"params": {name: shape}, "required": [name, ...]}}`. Answers also have
`{"nullable": shape}`, `{"object": name}`, `{"expandable": [name, ...]}`, `{"listing": shape}`.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from sandbox.stripe.errors import StripeError

SHAPES: dict[str, Any] = json.loads(Path(__file__).with_name("shapes.json").read_text())
API_VERSION: str = SHAPES["api_version"]

_LONGEST = 5000
_PATTERNS = {
    "integer": re.compile(r"-?\d{1,18}"),
    "number": re.compile(r"-?\d+(\.\d+)?"),
    "decimal": re.compile(r"-?\d+(\.\d{1,12})?"),
}


def check(operation: str, values: dict[str, Any]) -> dict[str, Any]:
    """Return the typed parameters of `"POST /v1/x"`; raise Stripe's 400 for the first fault."""
    return _hash(SHAPES["requests"][operation], values, "")


def enum(shape: dict[str, Any]) -> list[str]:
    """The values an enum shape allows."""
    values: list[str] = SHAPES["enums"][shape["enum"]]
    return values


def _hash(shape: dict[str, Any], values: dict[str, Any], where: str) -> dict[str, Any]:
    for name in values:
        if name not in shape["params"]:
            param = _inside(where, name)
            raise StripeError(
                f"Received unknown parameter: {param}", code="parameter_unknown", param=param
            )
    for name in shape["required"]:
        if name not in values:
            param = _inside(where, name)
            raise StripeError(
                f"Missing required param: {param}.", code="parameter_missing", param=param
            )
    return {
        name: _value(shape["params"][name], value, _inside(where, name))
        for name, value in values.items()
    }


def _value(shape: Any, value: Any, where: str) -> Any:
    if isinstance(shape, str):
        return _scalar(shape, value, where)
    kind, inner = next(iter(shape.items()))
    if kind == "any_of":
        return _any_of(inner, value, where)
    if kind == "enum":
        return _enum(enum(shape), value, where)
    if not isinstance(value, dict):
        word = "array" if kind == "list" else "object"
        raise StripeError(f"Invalid {word}", param=where)
    if kind == "hash":
        return _hash(inner, value, where)
    if kind == "map":
        # An empty value unsets its key: https://docs.stripe.com/api/metadata
        return {
            key: item and _value(inner, item, _inside(where, key)) for key, item in value.items()
        }
    return _list(inner, value, where)


def _list(shape: Any, value: dict[str, Any], where: str) -> list[Any]:
    if not all(key.isdigit() for key in value):
        raise StripeError("Invalid array", param=where)
    return [_value(shape, value[key], _inside(where, key)) for key in sorted(value, key=int)]


def _any_of(shapes: list[Any], value: Any, where: str) -> Any:
    """Try each alternative; complain about the one that has the value's form."""
    first: StripeError | None = None
    for shape in sorted(shapes, key=lambda shape: _unlike(shape, value)):
        try:
            return _value(shape, value, where)
        except StripeError as refusal:
            first = first or refusal
    raise first or StripeError("Invalid value", param=where)


def _unlike(shape: Any, value: Any) -> int:
    """Sort key: an empty value wants `empty`; hashes and lists want their own; words come last."""
    if shape == "empty":
        return 0 if value == "" else 9
    nested = isinstance(shape, dict) and "enum" not in shape
    return 1 if nested == isinstance(value, dict) else 5


def _enum(allowed: list[str], value: Any, where: str) -> str:
    if isinstance(value, str) and value in allowed:
        return value
    shown = [word for word in allowed if word]
    listed = ", ".join(shown[:-1]) + (f", or {shown[-1]}" if len(shown) > 1 else shown[-1])
    raise StripeError(f"Invalid {where}: must be one of {listed}", param=where)


def _scalar(kind: str, value: Any, where: str) -> Any:
    if not isinstance(value, str):
        raise StripeError(f"Invalid {kind}: {json.dumps(value)}", param=where)
    if kind == "empty":
        if value:
            raise StripeError(f"Invalid value: {value}", param=where)
        return ""
    if kind == "string":
        return _string(value, where)
    if kind == "boolean":
        if value not in {"true", "false"}:
            raise StripeError(f"Invalid boolean: {value}", param=where)
        return value == "true"
    if not _PATTERNS[kind].fullmatch(value):
        code = "parameter_invalid_integer" if kind == "integer" else None
        raise StripeError(f"Invalid {kind}: {value}", code=code, param=where)
    return int(value) if kind == "integer" else value


def _string(value: str, where: str) -> str:
    if not value:
        raise StripeError(
            f"You passed an empty string for '{where}'. We assume empty values are an attempt to "
            f"unset a parameter; however '{where}' cannot be unset. You should remove '{where}' "
            "from your request or supply a non-empty value.",
            code="parameter_invalid_empty",
            param=where,
        )
    if len(value) > _LONGEST:
        raise StripeError(
            f"Invalid string: {value[:6]}...{value[-6:]}; must be at most {_LONGEST} characters",
            param=where,
        )
    return value


def _inside(where: str, name: str) -> str:
    return f"{where}[{name}]" if where else name
