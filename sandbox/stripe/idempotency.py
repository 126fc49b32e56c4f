"""Idempotency keys: the first answer again for the same parameters.

https://docs.stripe.com/api/idempotent_requests: keys live 24 hours; the first answer is replayed,
a 500 included; other parameters under the same key are an error; nothing is kept when validation
fails or when the same key is at work at this moment.
"""

from __future__ import annotations

import hashlib
import json
import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox.stripe import form, keys
from sandbox.stripe.books import new_id
from sandbox.stripe.errors import StripeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from werkzeug.wrappers import Request, Response

    from sandbox.stripe.books import Books, Record
    from sandbox.world import World

_BROKEN = 500
_LONGEST = 255
_LIFE = 24 * 3600
_at_work: set[tuple[int, str, str]] = set()
_guard = threading.Lock()


@contextmanager
def reserved(books: Books, key: str) -> Iterator[None]:
    """Hold a key for the time of one request; a second holder gets a 409."""
    if len(key) > _LONGEST:
        raise StripeError(f"Idempotency key is too long: at most {_LONGEST} characters.")
    place = (id(books.world), books.account, key)
    with _guard:
        if place in _at_work:
            raise StripeError(
                "There is currently another in-progress request using this Idempotent Key (that "
                "probably means you submitted twice, and the other request is still going "
                f"through): {key}",
                status=409,
                type="idempotency_error",
                code="idempotency_key_in_use",
            )
        _at_work.add(place)
    try:
        yield
    finally:
        with _guard:
            _at_work.discard(place)


def earlier(books: Books, key: str, operation: str, params: str) -> Record | None:
    """The kept answer `{"status", "body", "request_id"}`; a 400 when the parameters differ."""
    kept = books.table("idempotency").get(key)
    if kept is None or _wall(books) - kept["at"] > _LIFE:
        return None
    if kept["operation"] != operation:
        raise StripeError(
            "Keys for idempotent requests can only be used for the same endpoint they were first "
            f"used for ('{operation}' vs '{kept['operation']}'). Try using a key other than "
            f"'{key}' if you meant to execute a different request.",
            type="idempotency_error",
        )
    if kept["params"] != _digest(params):
        raise StripeError(
            "Keys for idempotent requests can only be used with the same parameters they were "
            f"first used with. Try using a key other than '{key}' if you meant to execute a "
            "different request.",
            type="idempotency_error",
        )
    return kept


def keep(
    books: Books, key: str, operation: str, params: str, *, status: int, body: dict[str, Any]
) -> None:
    """Remember an answer for the next 24 hours of wall time."""
    books.table("idempotency")[key] = {
        "operation": operation,
        "params": _digest(params),
        "status": status,
        "body": body,
        "request_id": books.request_id,
        "at": _wall(books),
    }


def compared(params: dict[str, Any]) -> str:
    """The parameters as text, so that two requests can be told apart."""
    return json.dumps(params, sort_keys=True)


def keep_failure(
    world: World, open_books: Callable[[str], Books], asked: Request, answer: Response
) -> None:
    """Keep an error 500 that a fault gave: Stripe replays it like any other first answer."""
    key = asked.headers.get("Idempotency-Key")
    owner = keys.keys(world).get(asked.headers.get("Authorization", "").removeprefix("Bearer "))
    if answer.status_code != _BROKEN or asked.method != "POST" or key is None or owner is None:
        return
    books = replace(open_books(owner["account"]), request_id=new_id("req_", 14))
    operation = f"POST {asked.path[asked.path.index('/v1/') :]}"
    params = compared(form.parse(asked.get_data(as_text=True)))
    with world.store.lock:
        if key not in books.table("idempotency"):
            body = json.loads(answer.get_data())
            keep(books, key, operation, params, status=_BROKEN, body=body)


def _digest(params: str) -> str:
    return hashlib.sha256(params.encode()).hexdigest()


def _wall(books: Books) -> float:
    return books.world.clock.wall().timestamp()
