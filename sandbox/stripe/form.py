"""Stripe's form encoding: `a[b][0][c]=v` becomes nested hashes; a list is a hash of its indexes.

https://docs.stripe.com/api (requests are form-encoded).
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from sandbox.stripe.errors import StripeError

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_KEY = re.compile(r"\[([^\[\]]*)\]")


def parse(text: str) -> dict[str, Any]:
    """Return the nested values, all strings; raise a 400 for names that contradict each other."""
    root: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        match = _NAME.fullmatch(name)
        if not match:
            raise StripeError(f"Invalid parameter name: {name}", param=name)
        _put(root, [match.group(1), *_KEY.findall(match.group(2))], value, name)
    return root


def _put(node: dict[str, Any], keys: list[str], value: str, name: str) -> None:
    for key in keys[:-1]:
        node = node.setdefault(key or str(len(node)), {})
        if not isinstance(node, dict):
            raise StripeError(f"Invalid object: {name} is a value elsewhere", param=name)
    last = keys[-1] or str(len(node))
    if last in node:
        raise StripeError(f"Parameter given twice: {name}", param=name)
    node[last] = value
