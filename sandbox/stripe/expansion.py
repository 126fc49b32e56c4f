"""`expand`: objects in the place of their ids, at most four levels deep.

https://docs.stripe.com/api/expanding_objects and https://docs.stripe.com/expand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.stripe.errors import StripeError
from sandbox.stripe.shapes import SHAPES

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.stripe.books import Books, Record

    Include = Callable[[Books, Record], Any]

_DEEPEST = 4
# Fields that are absent unless asked for: (object, field) -> the function that makes them.
_INCLUDED: dict[tuple[str, str], Include] = {}


def included(kind: str, field: str) -> Callable[[Include], Include]:
    """Register the maker of a field that only `expand` brings."""

    def register(make: Include) -> Include:
        _INCLUDED[kind, field] = make
        return make

    return register


def check(paths: list[str], kind: str, *, many: bool) -> None:
    """Refuse before the work what cannot be expanded after it."""
    for path in paths:
        steps = path.split(".")
        if len(steps) > _DEEPEST:
            raise StripeError(
                f"You cannot expand more than {_DEEPEST} levels of a property. Property: {path}",
                param="expand",
            )
        shape: Any = {"listing": {"object": kind}} if many else {"object": kind}
        expandable = False
        for step in steps:
            shape, expandable = _step(shape, step)
            if shape is None:
                break
        if not expandable:
            raise StripeError(f"This property cannot be expanded ({path}).", param="expand")


def kinds(paths: list[str], kind: str, *, many: bool) -> list[str]:
    """The objects that expanding these paths reads, in the order they are met."""
    met = []
    for path in paths:
        shape: Any = {"listing": {"object": kind}} if many else {"object": kind}
        for step in path.split("."):
            shape, expandable = _step(shape, step)
            if shape is None:
                break
            if expandable and "object" in shape and step != "data":
                met.append(str(shape["object"]))
    return list(dict.fromkeys(met))


def _step(shape: Any, step: str) -> tuple[Any, bool]:
    """The shape one step further down, and whether that step itself expands something."""
    if "listing" in shape:
        return (shape["listing"], True) if step == "data" else (None, False)
    owner = shape.get("object", "")
    fields = SHAPES["answers"].get(owner, {}) if owner else shape.get("hash", {})
    found = fields.get(step)
    while isinstance(found, dict) and ("nullable" in found or "list" in found):
        found = found.get("nullable", found.get("list"))
    if not isinstance(found, dict):
        return None, False
    if "expandable" in found:
        kind = found["expandable"][0]
        return ({"object": kind}, True) if kind in SHAPES["answers"] else (None, False)
    return found, (owner, step) in _INCLUDED


def expand(books: Books, answer: Record, paths: list[str]) -> Record:
    """Return the answer with every path expanded; `answer` is changed in place."""
    for path in paths:
        _walk(books, answer, path.split("."))
    return answer


def _walk(books: Books, node: Any, steps: list[str]) -> None:
    if isinstance(node, list):
        for item in node:
            _walk(books, item, steps)
        return
    if not steps or not isinstance(node, dict):
        return
    step, rest = steps[0], steps[1:]
    make = _INCLUDED.get((node.get("object", ""), step))
    if make and step not in node:
        node[step] = make(books, node)
    if isinstance(node.get(step), str):
        node[step] = _object(books, node[step])
    elif isinstance(node.get(step), list) and all(isinstance(it, str) for it in node[step]):
        node[step] = [_object(books, key) for key in node[step]]
    _walk(books, node.get(step), rest)


_PREFIXES = {
    "cus_": "customer", "in_": "invoice", "sub_": "subscription", "pi_": "payment_intent",
    "seti_": "setup_intent", "pm_": "payment_method", "ch_": "charge", "prod_": "product",
    "price_": "price", "txr_": "tax_rate", "di_": "discount", "cs_": "checkout.session",
    "co_": "coupon", "py_": "charge",
}  # fmt: skip


def _object(books: Books, key: str) -> Record | str:
    kind = _PREFIXES.get(key[: key.find("_") + 1])
    return (books.find(kind, key) if kind else None) or key
