"""The body of a request as it came: whole, or 413; and what it says as JSON."""

import json
from typing import Any

from flask import abort, request

# Stripe nests a dozen levels; a thousand would exhaust the stack of whoever reads it next. So many
# are allowed because a usual event has fewer brackets than that, and needs no second look.
DEEPEST = 200


def raw_body(most: int) -> bytes:
    """All bytes of the body; 413 where they are more than `most`."""
    # One byte more is let in, because a body without Content-Length is cut at the limit, not
    # refused: without that byte a cut body would look complete.
    request.max_content_length = most + 1
    body = request.get_data()
    if len(body) > most:
        abort(413)
    return body


def parsed(body: bytes) -> tuple[str, Any]:
    """The body as text, and the value it says; ValueError where it is no JSON or nested too deep.

    NaN and the like are refused: Python reads them, PostgreSQL refuses them.
    """
    text = body.decode()
    try:
        value = _DECODER.decode(text)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    if body.count(b"{") + body.count(b"[") > DEEPEST and _deeper_than(value, DEEPEST):
        raise ValueError("nested too deep")
    return text, value


def _deeper_than(value: Any, levels: int) -> bool:
    """Whether anything stands below so many levels, looked for level by level."""
    level = [value]
    while level and levels >= 0:
        nested = [one for one in level if isinstance(one, dict | list)]
        level = [
            part for one in nested for part in (one.values() if isinstance(one, dict) else one)
        ]
        levels -= 1
    return bool(level)


def _no_json(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_json)  # made once: webhooks come in floods
