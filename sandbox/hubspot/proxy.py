"""`hubspot.fetch`: signs a card's call and forwards it to the product, as HubSpot's servers do."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import requests
from flask import Blueprint, Response, request

from sandbox import outgoing
from sandbox.hubspot.portals import PORTALS
from sandbox.hubspot.registration import client_secret
from sandbox.hubspot.signing import sign_v2, sign_v3
from sandbox.world import current_world

if TYPE_CHECKING:
    from sandbox.settings import Settings

routes = Blueprint("hubspot_proxy", __name__)

_LIMIT = 1024 * 1024
_SECONDS = 15.0
_SERVER_ERROR = 500
_METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


class FetchRefusedError(Exception):
    """HubSpot does not send this call at all."""


@routes.errorhandler(FetchRefusedError)
def refuse(problem: FetchRefusedError) -> tuple[dict[str, Any], int]:
    return {"status": "error", "message": str(problem)}, 400


@routes.post("/proxy")
def fetch() -> Response:
    """Forward `{url, method, body, headers?}` for `?portalId=&userId=`; pass the answer on."""
    wanted = request.get_json()
    world = current_world()
    call = signed_call(
        world.settings,
        secret=client_secret(world),
        portal=int(request.args["portalId"]),
        user=int(request.args["userId"]),
        url=str(wanted["url"]),
        method=str(wanted.get("method") or "GET").upper(),
        body=wanted.get("body"),
        headers=wanted.get("headers") or {},
    )
    with outgoing.session(world.settings) as session:
        answer = _sent(session, call)
    if len(answer.content) > _LIMIT:
        return Response("the answer is over 1 MB", 502)
    return Response(
        answer.content,
        answer.status_code,
        content_type=answer.headers.get("Content-Type", "application/json"),
    )


def signed_call(
    settings: Settings,
    *,
    portal: int,
    user: int,
    url: str,
    method: str = "GET",
    body: Any = None,
    headers: dict[str, str] | None = None,
    secret: str = "",
) -> requests.PreparedRequest:
    """Build the request HubSpot would send: identity in the query, both signatures in headers.

    Raises FetchRefusedError for an address outside the permitted one, an unknown method, a header
    other than Authorization, or a body over 1 MB. `secret`: where it is not that of the settings.
    """
    _check(settings, url, method, headers or {})
    person = PORTALS[portal].user(user)
    identity = (
        f"userId={person.id}&portalId={portal}&userEmail={quote(person.email, safe='')}"
        f"&appId={settings.hubspot_app_id}"
    )
    uri = f"{url}{'&' if '?' in url else '?'}{identity}"
    text = "" if body is None or method == "GET" else json.dumps(body, ensure_ascii=False)
    if len(text.encode()) > _LIMIT:
        raise FetchRefusedError("the body is over 1 MB")
    timestamp = str(int(time.time() * 1000))
    secret = secret or settings.hubspot_client_secret
    made = requests.Request(method, uri, data=text.encode() or None, headers=headers).prepare()
    made.url = uri  # exactly what is signed
    made.headers.update(
        {
            "Content-Type": "application/json",
            "X-HubSpot-Signature-v3": sign_v3(secret, method, uri, text, timestamp),
            "X-HubSpot-Request-Timestamp": timestamp,
            "X-HubSpot-Signature": sign_v2(secret, method, uri, text),
            "X-HubSpot-Signature-Version": "v2",
        }
    )
    return made


def _check(settings: Settings, url: str, method: str, headers: dict[str, str]) -> None:
    if not url.startswith(f"{settings.public_url}/"):
        raise FetchRefusedError(f"{url} is not among the app's permitted URLs")
    if method not in _METHODS:
        raise FetchRefusedError(f"method {method} is not allowed")
    if len(headers) > 1 or any(name.lower() != "authorization" for name in headers):
        raise FetchRefusedError("only an Authorization header may be added")


def _sent(session: requests.Session, call: requests.PreparedRequest) -> requests.Response:
    """Send, and once more on a lost connection or a 5xx inside the time allowed."""
    end = time.monotonic() + _SECONDS
    first = _once(session, call, _SECONDS)
    left = end - time.monotonic()
    if first.status_code < _SERVER_ERROR or left <= 0:
        return first
    return _once(session, call, left)


def _once(
    session: requests.Session, call: requests.PreparedRequest, seconds: float
) -> requests.Response:
    try:
        return session.send(call, timeout=seconds, allow_redirects=False)
    except requests.RequestException as problem:
        lost = requests.Response()
        lost.status_code = 504 if isinstance(problem, requests.Timeout) else 502
        lost._content = b'{"status":"error","message":"The app did not answer."}'  # noqa: SLF001
        lost.headers["Content-Type"] = "application/json"
        return lost
