"""Read what a Stripe call accepts from the typed parameters of the installed `stripe` package."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import types
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, NotRequired, Union, get_args, get_origin, get_type_hints

import stripe
from stripe._request_options import RequestOptions
from stripe._stripe_object import UntypedStripeObject
from typing_extensions import is_typeddict

from sandbox.stripe.enum_table import EnumTable

_SCALARS = {str: "string", int: "integer", float: "number", bool: "boolean", Decimal: "decimal"}


def requests(operations: tuple[tuple[str, str], ...], enums: EnumTable) -> dict[str, Any]:
    """Return `{"POST /v1/x": {"params": {...}, "required": [...]}}`; LookupError when unknown."""
    found = dict(_declared())
    shapes = {}
    for method, path in operations:
        if (method, path) not in found:
            raise LookupError(f"the stripe package has no call {method} {path}")
        shapes[f"{method} {path}"] = _hash(found[method, path], enums)
    return shapes


def _declared() -> list[tuple[tuple[str, str], type]]:
    """Every (method, path) with the TypedDict of its parameters, read off the service modules."""
    calls = []
    for module in pkgutil.walk_packages(stripe.__path__, "stripe."):
        if module.name.endswith("_service") and ".v2" not in module.name:
            calls += _of_service(module.name)
    return calls


def _of_service(name: str) -> list[tuple[tuple[str, str], type]]:
    source = Path(inspect.getfile(importlib.import_module(name))).read_text(encoding="utf-8")
    tree = ast.parse(source)
    origin = {
        alias.name: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    calls = []
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        call, params = _call(function), _params_class(function)
        if call and params:
            calls.append((call, getattr(importlib.import_module(origin[params]), params)))
    return calls


def _call(function: ast.FunctionDef) -> tuple[str, str] | None:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "self._request":
            path = node.args[1]
            if isinstance(path, ast.Call):  # "/v1/x/{y}".format(y=...)
                path = path.func.value  # type: ignore[attr-defined]
            return ast.literal_eval(node.args[0]).upper(), ast.literal_eval(path)
    return None


def _params_class(function: ast.FunctionDef) -> str | None:
    for argument in function.args.args:
        if argument.arg == "params" and argument.annotation:
            match = re.search(r"\w+Params", ast.unparse(argument.annotation))
            return match.group() if match else None
    return None


def _hash(params: type, enums: EnumTable) -> dict[str, Any]:
    """Shape one TypedDict, leaving out the options that travel as headers."""
    # The headers' options name classes that only a type checker imports; they are left out below.
    elsewhere = {"StripeContext": str, "Mapping": Mapping}
    hints = get_type_hints(params, localns=elsewhere, include_extras=True)
    names = [name for name in hints if name not in RequestOptions.__annotations__]
    return {
        "params": {name: _type(hints[name], enums) for name in names},
        "required": [name for name in names if get_origin(hints[name]) is not NotRequired],
    }


def _type(hint: Any, enums: EnumTable) -> Any:  # noqa: PLR0911 - one line for each kind of hint
    origin, inner = get_origin(hint), get_args(hint)
    if hint in _SCALARS:
        return _SCALARS[hint]
    if origin is NotRequired:
        return _type(inner[0], enums)
    if origin is list:
        return {"list": _type(inner[0], enums)}
    if origin in (dict, UntypedStripeObject):
        return {"map": _type(inner[-1], enums)}
    if origin is Literal:
        return "empty" if inner == ("",) else {"enum": enums.name(inner)}
    if origin in (Union, types.UnionType):
        return _union(list(inner), enums)
    if is_typeddict(hint):
        return {"hash": _hash(hint, enums)}
    raise TypeError(f"no shape for {hint!r}")


def _union(members: list[Any], enums: EnumTable) -> Any:
    """One shape for alternatives; an enum left open for the future is closed."""
    if any(get_origin(member) is Literal and get_args(member) != ("",) for member in members):
        members = [member for member in members if member is not str]
    shapes: list[Any] = []
    for member in members:
        shape = _type(member, enums)
        if shape not in shapes:
            shapes.append(shape)
    return shapes[0] if len(shapes) == 1 else {"any_of": shapes}
