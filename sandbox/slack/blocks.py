"""Block Kit as Slack checks it: known blocks, known fields, limits (docs.slack.dev, Block Kit)."""

from __future__ import annotations

from typing import Any

_MOST_BLOCKS = 50
_FIELDS = {
    "section": {"text", "fields", "accessory", "expand"},
    "header": {"text", "level"},
    "divider": set(),
    "context": {"elements"},
    "actions": {"elements"},
    "image": {"image_url", "alt_text", "title"},
}
_BUTTON = {"type", "text", "action_id", "url", "value", "style", "accessibility_label", "confirm"}
_SECTION_TEXT, _FIELD_TEXT, _HEADER_TEXT, _BUTTON_TEXT, _URL = 3000, 2000, 150, 75, 3000
_BLOCK_ID = 255
_MOST_FIELDS = _MOST_CONTEXT = 10
_MOST_ACTIONS = 25


def problems(blocks: Any) -> list[str]:
    """List what Slack would refuse, each with its JSON pointer; empty when the blocks are fine."""
    if not isinstance(blocks, list):
        return ["blocks must be a list"]
    found = [f"no more than {_MOST_BLOCKS} items allowed"] if len(blocks) > _MOST_BLOCKS else []
    ids = [block.get("block_id") for block in blocks if isinstance(block, dict)]
    named = [one for one in ids if one]
    if len(named) != len(set(named)):
        found.append("block_id must be unique")
    for place, block in enumerate(blocks):
        found += [f"{text} [json-pointer:/blocks/{place}{at}]" for text, at in _block(block)]
    return found


def _block(block: Any) -> list[tuple[str, str]]:
    kind = block.get("type") if isinstance(block, dict) else None
    if kind not in _FIELDS:
        return [(f"unsupported type: {kind}", "/type")]
    found = [
        (f"invalid additional property: {name}", f"/{name}")
        for name in sorted(set(block) - _FIELDS[kind] - {"type", "block_id"})
    ]
    if len(str(block.get("block_id", ""))) > _BLOCK_ID:
        found.append((f"must be less than {_BLOCK_ID + 1} characters", "/block_id"))
    checks = {
        "section": _section,
        "header": _header,
        "context": _context,
        "actions": _actions,
        "image": _image,
    }
    return found + (checks[kind](block) if kind in checks else [])


def _section(block: dict[str, Any]) -> list[tuple[str, str]]:
    fields = block.get("fields")
    if "text" not in block and not fields:
        return [("missing required field: text", "/text")]
    found = _text(block["text"], _SECTION_TEXT, "/text") if "text" in block else []
    if fields is not None and (not isinstance(fields, list) or len(fields) > _MOST_FIELDS):
        return [*found, (f"no more than {_MOST_FIELDS} items allowed", "/fields")]
    for place, field in enumerate(fields or []):
        found += _text(field, _FIELD_TEXT, f"/fields/{place}")
    if "accessory" in block:
        found += _element(block["accessory"], "/accessory")
    return found


def _header(block: dict[str, Any]) -> list[tuple[str, str]]:
    return _text(block.get("text"), _HEADER_TEXT, "/text", kinds=("plain_text",))


def _context(block: dict[str, Any]) -> list[tuple[str, str]]:
    elements = block.get("elements")
    if not isinstance(elements, list) or not 0 < len(elements) <= _MOST_CONTEXT:
        return [(f"between 1 and {_MOST_CONTEXT} items allowed", "/elements")]
    found: list[tuple[str, str]] = []
    for place, element in enumerate(elements):
        found += _text(element, _SECTION_TEXT, f"/elements/{place}")
    return found


def _actions(block: dict[str, Any]) -> list[tuple[str, str]]:
    elements = block.get("elements")
    if not isinstance(elements, list) or not 0 < len(elements) <= _MOST_ACTIONS:
        return [(f"between 1 and {_MOST_ACTIONS} items allowed", "/elements")]
    found: list[tuple[str, str]] = []
    for place, element in enumerate(elements):
        found += _element(element, f"/elements/{place}")
    return found


def _image(block: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (f"missing required field: {name}", f"/{name}")
        for name in ("image_url", "alt_text")
        if not block.get(name)
    ]


def _element(element: Any, at: str) -> list[tuple[str, str]]:
    if not isinstance(element, dict) or element.get("type") != "button":
        return [("unsupported type", f"{at}/type")]
    found = [
        (f"invalid additional property: {name}", f"{at}/{name}")
        for name in sorted(set(element) - _BUTTON)
    ]
    if element.get("style") not in {None, "primary", "danger"}:
        found.append(("must be primary or danger", f"{at}/style"))
    if len(str(element.get("url", ""))) > _URL:
        found.append((f"must be less than {_URL + 1} characters", f"{at}/url"))
    return found + _text(element.get("text"), _BUTTON_TEXT, f"{at}/text", kinds=("plain_text",))


def _text(
    given: Any, longest: int, at: str, *, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")
) -> list[tuple[str, str]]:
    if not isinstance(given, dict) or given.get("type") not in kinds:
        return [(f"must be a text object of type {' or '.join(kinds)}", at)]
    allowed = {"type", "text", "emoji" if given["type"] == "plain_text" else "verbatim"}
    extra = sorted(set(given) - allowed)
    if extra:
        return [(f"invalid additional property: {extra[0]}", f"{at}/{extra[0]}")]
    words = given.get("text")
    if not isinstance(words, str) or not words:
        return [("must be more than 0 characters", f"{at}/text")]
    if len(words) > longest:
        return [(f"must be less than {longest + 1} characters", f"{at}/text")]
    return []
