"""The door of every vendor: arrivals are written down, faults act, one request works at a time."""

from __future__ import annotations

import json
import time
import uuid
from typing import TYPE_CHECKING, Any

from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Request, Response

from sandbox.faults import VENDORS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from sandbox.faults import Fault
    from sandbox.world import World

# The signing proxy waits for the product, which may call HubSpot meanwhile; Stripe locks by
# itself, for it must see that a second request carries a key that is still in use.
_UNLOCKED = ("/hubspot-app/proxy", "/stripe/")
# Windows that people leave open and that ask for news all the time.
_PAGES = ("/client", "/dashboard")
_BODY_KEPT = 64 * 1024
_TOO_MANY, _BROKEN = 429, 500
# What a proxy in between may put in the place of an answer: its status stays, its words do not.
_GARBLED = b"<html>\xff"
# Stripe says nothing of how long to wait.
_SAYS_WHEN = {"hubspot", "slack"}


class ConnectionCutError(Exception):
    """The connection must be closed without an answer."""


class Gateway:
    """WSGI middleware around the sandbox's Flask application."""

    def __init__(self, world: World, app: WSGIApplication) -> None:
        self._world = world
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        vendor, path = _split(environ["PATH_INFO"])
        if vendor not in VENDORS or vendor == "mail" or path.startswith(_PAGES):
            return self._work(environ)(environ, start)
        request = Request(environ)
        entry = self._arrived(vendor, path, request)
        fault = self._world.faults.take(vendor, request.method, path)
        response = self._meet(fault, vendor, request) if fault else None
        if response is None:
            response = self._work(environ)
        entry["status"] = response.status_code
        if fault and fault.cut == "after":
            raise ConnectionCutError
        if fault and fault.garbled:
            response.set_data(_GARBLED)
        return response(environ, start)

    def _arrived(self, vendor: str, path: str, request: Request) -> dict[str, Any]:
        return self._world.journal.arrived(
            vendor,
            request.method,
            path,
            query=request.query_string.decode("latin-1"),
            headers=dict(request.headers),
            body=request.get_data(cache=True)[:_BODY_KEPT].decode("utf-8", "replace"),
            at=self._world.clock.wall(),
        )

    def _meet(self, fault: Fault, vendor: str, request: Request) -> Response | None:
        if fault.delay:
            time.sleep(fault.delay)
        if fault.cut == "before":
            raise ConnectionCutError
        if fault.status is None:
            return None
        answer = _answer(fault, vendor, fault.status)
        self._world.failed(vendor, request, answer)
        return answer

    def _work(self, environ: WSGIEnvironment) -> Response:
        environ["wsgi.input"].seek(0)  # the journal has read it
        if environ["PATH_INFO"].startswith(_UNLOCKED):
            return _run(self._app, environ)
        with self._world.store.lock:
            return _run(self._app, environ)


def _run(app: WSGIApplication, environ: WSGIEnvironment) -> Response:
    body, status, headers = run_wsgi_app(app, environ, buffered=True)
    return Response(body, status, headers)


def _split(path: str) -> tuple[str, str]:
    """`/stripe/v1/customers` -> `("stripe", "/v1/customers")`."""
    vendor, _, rest = path.lstrip("/").partition("/")
    return vendor, f"/{rest}"


def _answer(fault: Fault, vendor: str, status: int) -> Response:
    body = _usual_body(vendor, status) if fault.body is None else fault.body
    text = body if isinstance(body, str) else json.dumps(body)
    headers = {"Retry-After": "1"} if status == _TOO_MANY and vendor in _SAYS_WHEN else {}
    return Response(
        text, status, {**headers, **fault.headers}, content_type="application/json; charset=utf-8"
    )


def _stripe_error(status: int) -> dict[str, str]:
    """https://docs.stripe.com/api/errors and https://docs.stripe.com/rate-limits."""
    if status == _TOO_MANY:
        return {"type": "invalid_request_error", "code": "rate_limit"}
    return {"type": "api_error" if status >= _BROKEN else "invalid_request_error"}


def _usual_body(vendor: str, status: int) -> dict[str, Any]:
    """Make what the vendor itself would say with this status."""
    if vendor == "stripe":
        return {"error": {**_stripe_error(status), "message": f"Sandbox fault: status {status}."}}
    if vendor == "slack":
        return {"ok": False, "error": "ratelimited" if status == _TOO_MANY else "fatal_error"}
    error = {
        "status": "error",
        "message": f"Sandbox fault: status {status}.",
        "correlationId": str(uuid.uuid4()),
        "category": "RATE_LIMITS" if status == _TOO_MANY else "INTERNAL_ERROR",
    }
    if status == _TOO_MANY:
        error |= {"errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING"}
    return error
