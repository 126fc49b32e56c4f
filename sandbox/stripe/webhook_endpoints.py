"""Webhook endpoints: https://docs.stripe.com/api/webhook_endpoints. The secret is told once."""

from __future__ import annotations

from sandbox.stripe.books import Books, Params, Record, blank, new_id
from sandbox.stripe.calls import call, list_call
from sandbox.stripe.metadata import merged
from sandbox.stripe.paging import matching
from sandbox.stripe.platforms import APPLICATION
from sandbox.stripe.shapes import API_VERSION

_ROLLING = 24 * 3600


@call(
    "POST /v1/webhook_endpoints",
    "webhook_endpoint",
    plays="url enabled_events api_version description connect",
)
def create(books: Books, params: Params) -> Record:
    endpoint = {
        **blank("webhook_endpoint"),
        "id": new_id("we_1"),
        "application": APPLICATION if params.get("connect") else None,
        "api_version": params.get("api_version", API_VERSION),
        "created": books.now(),
        "description": params.get("description") or None,
        "enabled_events": params["enabled_events"],
        "metadata": merged({}, params.get("metadata")),
        "status": "enabled",
        "url": params["url"],
    }
    secret = new_id("whsec_", 32)
    books.table("webhook_secret")[endpoint["id"]] = {"secret": secret}
    return {**books.save(endpoint), "secret": secret}


@list_call("GET /v1/webhook_endpoints", "webhook_endpoint")
def listed(books: Books, params: Params) -> list[Record]:
    return matching(books.rows("webhook_endpoint"), params)


@call("GET /v1/webhook_endpoints/{webhook_endpoint}", "webhook_endpoint")
def retrieve(books: Books, params: Params, endpoint: str) -> Record:  # noqa: ARG001
    return books.get("webhook_endpoint", endpoint)


@call(
    "POST /v1/webhook_endpoints/{webhook_endpoint}",
    "webhook_endpoint",
    plays="url enabled_events description disabled",
)
def update(books: Books, params: Params, key: str) -> Record:
    endpoint = books.get("webhook_endpoint", key)
    for name in ("url", "enabled_events"):
        endpoint[name] = params.get(name, endpoint[name])
    if "description" in params:
        endpoint["description"] = params["description"] or None
    if "disabled" in params:
        endpoint["status"] = "disabled" if params["disabled"] else "enabled"
    endpoint["metadata"] = merged(endpoint["metadata"], params.get("metadata"))
    return books.save(endpoint)


@call("DELETE /v1/webhook_endpoints/{webhook_endpoint}", "webhook_endpoint")
def delete(books: Books, params: Params, key: str) -> Record:  # noqa: ARG001
    books.get("webhook_endpoint", key)
    del books.table("webhook_endpoint")[key]
    del books.table("webhook_secret")[key]
    return {"id": key, "object": "webhook_endpoint", "deleted": True}


def mute(books: Books, key: str) -> None:
    """Send nothing to an endpoint that looks enabled: whoever plays carries its events himself."""
    books.table("muted")[key] = {"id": key}


def roll(books: Books, key: str) -> str:
    """Take a new secret, as the dashboard does; the old one signs along for a day of wall time."""
    books.get("webhook_endpoint", key)
    old = books.table("webhook_secret")[key]["secret"]
    until = books.world.clock.wall().timestamp() + _ROLLING
    secret = new_id("whsec_", 32)
    books.table("webhook_secret")[key] = {"secret": secret, "old": old, "old_until": until}
    return secret
