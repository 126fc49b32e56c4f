"""Read which fields Stripe's objects have from the classes of the installed `stripe` package."""

from __future__ import annotations

import ast
import importlib
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any, ForwardRef, Literal, Union, get_args, get_origin

from stripe._list_object import ListObject
from stripe._object_classes import OBJECT_CLASSES
from stripe._stripe_object import StripeObject, UntypedStripeObject

from sandbox.stripe.enum_table import EnumTable
from sandbox.stripe.played import PLAYED_METHODS

_SCALARS = {str: "string", int: "integer", float: "number", bool: "boolean", Decimal: "decimal"}
_OBJECT_OF = {place: name for name, place in OBJECT_CLASSES.items()}
# Hashes with one key a payment method kind: the kinds nobody plays keep their name, not their body.
_BY_KIND = {
    "NextAction",
    "PaymentMethod",
    "PaymentMethodConfiguration",
    "PaymentMethodDetails",
    "PaymentMethodOptions",
}
_SPELLED_OUT = PLAYED_METHODS | {"billing_details", "redirect_to_url", "use_stripe_sdk"}


def answers(objects: tuple[str, ...], enums: EnumTable) -> dict[str, Any]:
    """Return `{"customer": {"id": "string", ...}}` for the named objects."""
    shapes = {}
    for name in objects:
        module, class_name = OBJECT_CLASSES[name]
        shapes[name] = _Reader(module, enums).fields(
            getattr(importlib.import_module(module), class_name)
        )
    return shapes


class _Reader:
    """Reads the classes of one module, whose forward references it can place."""

    def __init__(self, module: str, enums: EnumTable) -> None:
        self._enums = enums
        source = Path(str(sys.modules[module].__file__) if module in sys.modules else _file(module))
        self._imported = {
            alias.asname or alias.name: (node.module, alias.name)
            for node in ast.walk(ast.parse(source.read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom) and node.module
            for alias in node.names
        }
        self._module = module

    def fields(self, cls: type) -> dict[str, Any]:
        sparse = cls.__name__ in _BY_KIND
        return {
            name: "hash" if sparse and _is_body(hint, name) else self._type(hint)
            for name, hint in cls.__annotations__.items()
            if "ClassVar" not in str(hint)
        }

    def _type(self, hint: Any) -> Any:  # noqa: PLR0911 - one line for each kind of hint
        origin, inner = get_origin(hint), get_args(hint)
        if hint in _SCALARS:
            return _SCALARS[hint]
        if hint is Any:
            return "any"
        if isinstance(hint, str | ForwardRef):
            return {"object": self._object(hint if isinstance(hint, str) else hint.__forward_arg__)}
        if origin is list:
            return {"list": self._type(inner[0])}
        if origin is ListObject:
            return {"listing": self._type(inner[0])}
        if origin in (dict, UntypedStripeObject):
            return {"map": self._type(inner[-1])}
        if origin is Literal:
            return {"enum": self._enums.name(inner)}
        if origin is Union:
            return self._union(list(inner))
        return self._class(hint)

    def _class(self, cls: Any) -> Any:
        if not (isinstance(cls, type) and issubclass(cls, StripeObject)):
            raise TypeError(f"no shape for {cls!r}")
        if cls.__module__ != self._module:
            return {"object": _OBJECT_OF.get((cls.__module__, cls.__name__), "any")}
        return {"hash": self.fields(cls)} if cls.__annotations__ else "hash"

    def _union(self, members: list[Any]) -> Any:
        nullable = type(None) in members
        members = [member for member in members if member is not type(None)]
        closed = any(get_origin(member) is Literal for member in members)
        if closed:
            members = [member for member in members if member is not str]
        shapes = [self._type(member) for member in members]
        linked = [shape for shape in shapes if isinstance(shape, dict) and "object" in shape]
        if str in members and linked:
            shapes = [{"expandable": [shape["object"] for shape in linked]}]
        shape = shapes[0] if len(shapes) == 1 else {"any_of": shapes}
        return {"nullable": shape} if nullable else shape

    def _object(self, name: str) -> str:
        """The object name of a class named in quotes, e.g. PaymentIntent -> payment_intent."""
        place = self._imported.get(name, (self._module, name))
        return _OBJECT_OF.get(place, "any")


def _is_body(hint: Any, name: str) -> bool:
    nested = [part for part in (hint, *get_args(hint)) if isinstance(part, type)]
    return name not in _SPELLED_OUT and any(issubclass(part, StripeObject) for part in nested)


def _file(module: str) -> str:
    return str(importlib.import_module(module).__file__)
