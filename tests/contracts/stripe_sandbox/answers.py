"""Compare an answer with the fields Stripe's objects have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.stripe.shapes import SHAPES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LIST = {"object", "data", "has_more", "url"}


def strange_fields(value: Any) -> Iterator[str]:
    """Every place of an answer whose name or type Stripe does not have."""
    kind = value.get("object")
    if value.get("deleted"):
        yield from (f"{kind}.{name}" for name in set(value) - {"id", "object", "deleted"})
    elif kind == "list":
        yield from (f"list.{name}" for name in set(value) ^ _LIST)
        for item in value["data"]:
            yield from strange_fields(item)
    else:
        yield from _compare({"object": kind}, value, str(kind))
    if kind == "event":
        yield from strange_fields(value["data"]["object"])


def _compare(shape: Any, value: Any, where: str) -> Iterator[str]:
    if isinstance(shape, str):
        if not _is_word(shape, value):
            yield f"{where}: {value!r} is no {shape}"
        return
    kind, inner = next(iter(shape.items()))
    yield from _KINDS[kind](inner, value, where)


def _nullable(shape: Any, value: Any, where: str) -> Iterator[str]:
    if value is not None:
        yield from _compare(shape, value, where)


def _hash(fields: dict[str, Any], value: Any, where: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{where}: not a hash"
        return
    for name, item in value.items():
        if name in fields:
            yield from _compare(fields[name], item, f"{where}.{name}")
        else:
            yield f"{where}.{name}: unknown"


def _object(name: str, value: Any, where: str) -> Iterator[str]:
    if name not in SHAPES["answers"]:
        return
    fields = SHAPES["answers"][name]
    yield from _hash(fields, value, where)
    # What may not be null in Stripe's class is always there.
    for field, shape in fields.items():
        optional = shape == "hash" or (isinstance(shape, dict) and "nullable" in shape)
        if not optional and field not in value:
            yield f"{where}.{field}: missing"


def _expandable(names: list[str], value: Any, where: str) -> Iterator[str]:
    if not isinstance(value, str):
        yield from _object(names[0], value, where)


def _enum(name: str, value: Any, where: str) -> Iterator[str]:
    if str(value) not in SHAPES["enums"][name]:
        yield f"{where}: {value!r} is not among its values"


def _listing(shape: Any, value: Any, where: str) -> Iterator[str]:
    for item in value["data"]:
        yield from _compare(shape, item, f"{where}[]")


def _list(shape: Any, value: Any, where: str) -> Iterator[str]:
    for item in value:
        yield from _compare(shape, item, f"{where}[]")


def _map(shape: Any, value: Any, where: str) -> Iterator[str]:
    for item in value.values():
        yield from _compare(shape, item, f"{where}.*")


def _any_of(shapes: list[Any], value: Any, where: str) -> Iterator[str]:
    found = [list(_compare(shape, value, where)) for shape in shapes]
    yield from min(found, key=len)


def _is_word(shape: str, value: Any) -> bool:
    words: dict[str, Any] = {
        "string": str, "decimal": str, "integer": int, "boolean": bool, "number": (int, float),
        "hash": dict, "any": object,
    }  # fmt: skip
    if shape == "integer" and isinstance(value, bool):
        return False
    return isinstance(value, words[shape])


_KINDS: dict[str, Callable[[Any, Any, str], Iterator[str]]] = {
    "nullable": _nullable,
    "hash": _hash,
    "object": _object,
    "expandable": _expandable,
    "enum": _enum,
    "listing": _listing,
    "list": _list,
    "map": _map,
    "any_of": _any_of,
}
