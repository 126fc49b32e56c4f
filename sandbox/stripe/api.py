"""The HTTP face of /v1: who calls, which version, is it allowed, then the work and the answer."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from flask import Response, request

from sandbox.stripe import (
    calls,
    expansion,
    form,
    idempotency,
    keys,
    paging,
    platforms,
    rules,
    shapes,
)
from sandbox.stripe.books import Books, new_id
from sandbox.stripe.errors import StripeError
from sandbox.world import current_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sandbox.stripe.books import Params, Record

_log = logging.getLogger(__name__)
Answer = tuple[int, dict[str, Any], dict[str, str]]


def respond(open_books: Callable[[str], Books], path: str) -> Response:
    """Answer one request to `/v1/...`; `path` is `/v1/...` itself."""
    request_id = new_id("req_", 14)
    headers = {"Request-Id": request_id, "Stripe-Version": shapes.API_VERSION}
    key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
    if key:
        headers["Idempotency-Key"] = key
    log_url = "https://dashboard.stripe.com/test/logs/" + request_id
    try:
        api_key = _api_key()
        account = _account(api_key)
        _check_version()
        books = replace(open_books(account), request_id=request_id, idempotency_key=key)
        status, body, more = _answer(books, path, log_url, api_key)
    except StripeError as refusal:
        status, body, more = refusal.status, refusal.body(log_url), {}
    return Response(
        json.dumps(body, indent=2), status, {**headers, **more}, mimetype="application/json"
    )


def _api_key() -> str:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Bearer" and key:
        return key
    raise StripeError(
        "You did not provide an API key. You need to provide your API key in the "
        "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer "
        "YOUR_SECRET_KEY').",
        status=401,
    )


def _account(key: str) -> str:
    account = keys.account_of(current_world(), key)
    asked = request.headers.get("Stripe-Account", account)
    return platforms.reached(current_world(), account, asked)


def _check_version() -> None:
    version = request.headers.get("Stripe-Version", shapes.API_VERSION)
    if version != shapes.API_VERSION:
        raise StripeError(
            f"Invalid Stripe API version: {version}. The sandbox plays {shapes.API_VERSION} only."
        )


def _answer(books: Books, path: str, log_url: str, api_key: str) -> Answer:
    call, ids = calls.find(request.method, path)
    sent = request.get_data(as_text=True) if request.method == "POST" else ""
    given = form.parse(sent or request.query_string.decode())
    keys.check(books.world, api_key, call, _expanded(given))
    key = books.idempotency_key
    if key is None:
        return _work(books, call, given, ids, log_url)
    # The path's ids belong to what was asked, so they are compared too.
    operation, params = f"{request.method} {path}", idempotency.compared(given)
    with idempotency.reserved(books, key), books.world.store.lock:
        kept = idempotency.earlier(books, key, operation, params)
        if kept:
            replayed = {"Idempotent-Replayed": "true", "Original-Request": kept["request_id"]}
            return kept["status"], kept["body"], replayed
        params_checked = _checked(books, call, given, ids)
        status, body, headers = _play(books, call, params_checked, ids, log_url)
        idempotency.keep(books, key, operation, params, status=status, body=body)
        return status, body, headers


def _expanded(given: Params) -> list[str]:
    """The paths of `expand`, whatever else may be wrong with it."""
    asked = given.get("expand")
    values = asked.values() if isinstance(asked, dict) else ()
    return [value for value in values if isinstance(value, str)]


def _work(books: Books, call: calls.Call, given: Params, ids: list[str], log_url: str) -> Answer:
    with books.world.store.lock:
        return _play(books, call, _checked(books, call, given, ids), ids, log_url)


def _checked(books: Books, call: calls.Call, given: Params, ids: list[str]) -> Params:
    """Validate what was sent; a refusal here is not kept under the key."""
    params = shapes.check(call.operation, given)
    expansion.check(params.get("expand", []), call.answers, many=call.many)
    rules.check(rules.OF_THE_PARAMETERS, books, call.operation, params, ids)
    call.refuse_unplayed(params)
    return params


def _play(books: Books, call: calls.Call, params: Params, ids: list[str], log_url: str) -> Answer:
    try:
        rules.check(rules.OF_THE_ACCOUNT, books, call.operation, params, ids)
        found = calls.play(call, books, params, ids)
        answer = _paged(books, found, params, call) if call.many else found
        return 200, expansion.expand(books, answer, params.get("expand", [])), {}
    except StripeError as refusal:
        return refusal.status, refusal.body(log_url), {}
    except Exception:  # noqa: BLE001 - whatever it is, Stripe answers 500
        _log.exception("the sandbox's Stripe failed in %s", call.operation)
        error = StripeError("An unknown error occurred.", status=500, type="api_error")
        return 500, error.body(log_url), {}


def _paged(books: Books, found: Iterable[Record], params: Params, call: calls.Call) -> Record:
    path = request.path[request.path.index("/v1/") :]
    every = [*reversed(list(books.table(call.answers)))]
    return paging.page(list(found), params, path, call.answers, every)
