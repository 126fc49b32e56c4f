"""Events: a snapshot of an object at the moment something happened to it.

https://docs.stripe.com/api/events; they are kept 30 days and listed newest first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.stripe import platforms
from sandbox.stripe.books import Books, Params, Record, blank, new_id
from sandbox.stripe.calls import call, list_call
from sandbox.stripe.paging import matching
from sandbox.stripe.shapes import API_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable

_KEPT_SECONDS = 30 * 24 * 3600
# Sent to the related application only: https://docs.stripe.com/api/events/types
_OF_PLATFORMS = {"account.application.authorized", "account.application.deauthorized"}


def emit(books: Books, event_type: str, record: Record, previous: Record | None = None) -> None:
    """Store one event and queue it for every endpoint that asked for its type."""
    data: Record = {"object": record}  # copied when the event is saved
    if previous is not None:
        data["previous_attributes"] = previous
    platform = platforms.listening(books)
    own = [] if event_type in _OF_PLATFORMS else _listening(books, event_type, connect=False)
    theirs = _listening(platform, event_type, connect=True) if platform else []
    at = platform.account if platform else books.account
    event = {
        **blank("event"),
        "id": new_id("evt_1"),
        "api_version": API_VERSION,
        "created": books.now(),
        "data": data,
        "pending_webhooks": len(own) + len(theirs),
        "request": {"id": books.request_id, "idempotency_key": books.idempotency_key},
        "type": event_type,
    }
    books.save(event)
    for endpoint in own:
        books.deliveries.put(books.account, endpoint["id"], event)
    for endpoint in theirs:
        books.deliveries.put(books.account, endpoint["id"], event, at=at)


def _listening(books: Books, event_type: str, *, connect: bool) -> list[Record]:
    """The account's endpoints for its own events, or a platform's for those of its accounts."""
    return [
        endpoint
        for endpoint in books.rows("webhook_endpoint")
        if endpoint["id"] not in books.table("muted")
        and endpoint["status"] == "enabled"
        and (endpoint["application"] is not None) is connect
        and {"*", event_type} & set(endpoint["enabled_events"])
    ]


def emit_change(books: Books, event_type: str, before: Record, after: Record) -> None:
    """An `...updated` event with the old values of what changed; nothing when nothing did."""
    previous = {
        name: before.get(name) for name, value in after.items() if before.get(name) != value
    }
    if previous:
        emit(books, event_type, after, previous)


@list_call("GET /v1/events", "event", plays="type types created delivery_success")
def listed(books: Books, params: Params) -> Iterable[Record]:
    oldest = books.now() - _KEPT_SECONDS
    events = [event for event in matching(books.rows("event"), params) if event["created"] > oldest]
    types = params.get("types") or ([params["type"]] if "type" in params else [])
    if types:
        events = [event for event in events if _is_of(event["type"], types)]
    if "delivery_success" in params:
        undelivered = {
            row["event"]
            for row in books.deliveries.rows(books.account)
            if row["status"] != "delivered" and not row.get("stray")
        }
        wanted = params["delivery_success"]
        events = [event for event in events if (event["id"] not in undelivered) is wanted]
    return events


@call("GET /v1/events/{id}", "event")
def retrieve(books: Books, params: Params, event: str) -> Record:  # noqa: ARG001
    return books.get("event", event)


def _is_of(event_type: str, wanted: list[str]) -> bool:
    """`charge.*` takes all events of charges."""
    return any(
        event_type == word or (word.endswith(".*") and event_type.startswith(word[:-1]))
        for word in wanted
    )
