"""Lists in pages: `limit`, `starting_after`, `ending_before`, `created` and `has_more`.

https://docs.stripe.com/api/pagination
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.stripe.books import copied, listing
from sandbox.stripe.errors import StripeError, missing

if TYPE_CHECKING:
    from sandbox.stripe.books import Params, Record

_MOST, _USUAL = 100, 10


def page(records: list[Record], params: Params, url: str, kind: str, every: list[str]) -> Record:
    """Cut one page out of `records` (newest first); `every`: all ids of the kind, newest first.

    A cursor may name an object that no longer passes the list's filters.
    """
    limit = params.get("limit", _USUAL)
    if not 1 <= limit <= _MOST:
        word = "greater than or equal to 1" if limit < 1 else f"less than or equal to {_MOST}"
        raise StripeError(f"This value must be {word}.", param="limit")
    ids = [record["id"] for record in records]
    if "ending_before" in params:
        end = _place(ids, every, params["ending_before"], kind, "ending_before")
        start = max(0, end - limit)
        return listing(copied(records[start:end]), url, has_more=start > 0)
    start = 0
    if "starting_after" in params:
        after = params["starting_after"]
        start = _place(ids, every, after, kind, "starting_after") + (after in ids)
    shown = copied(records[start : start + limit])
    return listing(shown, url, has_more=start + limit < len(records))


def in_time(record: Record, wanted: Any) -> bool:
    """Whether a record's `created` lies in a `created` filter (a time or gt/gte/lt/lte)."""
    if wanted is None:
        return True
    made = record["created"]
    if isinstance(wanted, int):
        return bool(made == wanted)
    tests = {
        "gt": made > wanted.get("gt", made - 1),
        "gte": made >= wanted.get("gte", made),
        "lt": made < wanted.get("lt", made + 1),
        "lte": made <= wanted.get("lte", made),
    }
    return all(tests.values())


def matching(records: list[Record], params: Params, *names: str) -> list[Record]:
    """Records, newest first, whose fields equal the given parameters, within `created`."""
    return [
        record
        for record in reversed(records)
        if all(record[name] == params[name] for name in names if name in params)
        and in_time(record, params.get("created"))
    ]


def _place(ids: list[str], every: list[str], key: str, kind: str, param: str) -> int:
    """How many of `ids` are newer than the object."""
    if key in ids:
        return ids.index(key)
    if key not in every:
        raise missing(kind, key, param, status=400)
    newer = set(every[: every.index(key)])
    return sum(one in newer for one in ids)
