"""Closed lists of values, kept once each so that shapes.json stays small."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class EnumTable:
    """Names lists of values `e1`, `e2`... in the order they are first met."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, ...], str] = {}

    def name(self, values: Iterable[object]) -> str:
        key = tuple(sorted(str(value) for value in values))
        return self._names.setdefault(key, f"e{len(self._names) + 1}")

    def listed(self) -> dict[str, list[str]]:
        return {name: list(values) for values, name in self._names.items()}
