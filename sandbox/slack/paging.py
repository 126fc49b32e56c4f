"""Lists in pages with a cursor (docs.slack.dev, Pagination)."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING

from sandbox.slack.calls import Call, SlackError

if TYPE_CHECKING:
    from sandbox.store import Record

_USUAL = 100
# Slack may give fewer than were asked for, though more are left: here it always does.
_AT_ONCE = 100


def one_page(call: Call, rows: list[Record], name: str, *, most: int) -> tuple[list[Record], str]:
    """Cut one page out of the rows and return the cursor of the next, empty at the end.

    A cursor names the row it goes on with, so what is posted meanwhile moves nothing.
    """
    limit = call.number("limit", _USUAL) or _USUAL
    if limit > most:
        raise SlackError("invalid_limit")
    start = _place(call.text("cursor"), [str(row[name]) for row in rows])
    end = start + min(limit, _AT_ONCE)
    return rows[start:end], _cursor(str(rows[end][name])) if end < len(rows) else ""


def _cursor(key: str) -> str:
    return base64.b64encode(f"next:{key}".encode()).decode()


def _place(cursor: str, keys: list[str]) -> int:
    if not cursor:
        return 0
    try:
        return keys.index(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
    except (ValueError, binascii.Error) as problem:
        raise SlackError("invalid_cursor") from problem
