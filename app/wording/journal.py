"""Entries of the audit log as a person reads them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.language import catalogue, say

# Where a field has its words: the log's own, then the form in which it is typed.
AREAS = ("audit.field", "preferences.field")
# Where a choice has its words.
CHOICES = {"role": "people.role", "methods": "preferences.method", "told": "audit.told"}
# A file is told by its hash, of which so much is enough to tell two of them apart.
FILES, MARK = {"logo", "terms_file"}, 12


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after; None where it was not there."""

    name: str
    before: str | None
    after: str | None


def changes_of(
    before: Mapping[str, Any], after: Mapping[str, Any], language: str
) -> Sequence[Change]:
    """What an entry changed, field by field, in the order it was written down."""
    return [
        Change(
            _field(name, language),
            _value(name, before.get(name), language),
            _value(name, after.get(name), language),
        )
        for name in dict.fromkeys((*before, *after))
    ]


def _field(name: str, language: str) -> str:
    """The field's words; its own name where a field is gone that an old entry tells of.

    A name in parts (`stage.sent.<pipeline>`) is a field, which one of a kind, and of what.
    """
    words, (kind, *of) = catalogue(language), name.split(".", 2)
    if kind == "told":
        event = words.get(f"preferences.event.{of[0]}", of[0])
        return f"{words['preferences.section.told']} · {event}"
    field = f"{kind}_{of[0]}" if of else kind
    known = next((words[f"{a}.{field}"] for a in AREAS if f"{a}.{field}" in words), "")
    return " · ".join((known, *of[1:])) if known else name


def _value(name: str, value: Any, language: str) -> str | None:
    if name in FILES and value:
        return say(language, "audit.file", mark=value[:MARK])
    if name.startswith("told.") and value is not None:
        value = value.split(", ")
    if isinstance(value, bool):
        return say(language, "audit.yes" if value else "audit.no")
    if isinstance(value, list):
        return ", ".join(_word(name, str(one), language) for one in value)
    shown = value is None or isinstance(value, str)
    return value and _word(name, value, language) if shown else json.dumps(value)


def _word(name: str, value: str, language: str) -> str:
    """What our own name for a choice is called on the page where it is made."""
    area = CHOICES.get(name.partition(".")[0], "")
    return catalogue(language).get(f"{area}.{value}", value)
