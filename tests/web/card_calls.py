"""Card calls signed by hand, so that a test may get any part of them wrong."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass, replace

from werkzeug.test import TestResponse

from tests.support.house import House

IDENTITY = "userId=7001&portalId=148111&userEmail=dana%40maison.example&appId=4242"
DECODED = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$",
    "%27": "'", "%28": "(", "%29": ")", "%2A": "*", "%2C": ",", "%3B": ";",
}  # fmt: skip


@dataclass(frozen=True)
class Call:
    """What goes over the wire, and what is signed where that is something else."""

    target: str
    method: str = "GET"
    body: bytes = b""
    age: float = 0.0
    secret: str = "test-client-secret"
    origin: str = "http://propale.test"
    signed_body: bytes | None = None
    signed_method: str | None = None

    def headers(self) -> dict[str, str]:
        at = str(int((time.time() - self.age) * 1000))
        uri = self.origin + self.target
        for escape, sign in DECODED.items():
            uri = uri.replace(escape, sign).replace(escape.lower(), sign)
        body = self.body if self.signed_body is None else self.signed_body
        text = (self.signed_method or self.method).encode() + uri.encode() + body + at.encode()
        digest = hmac.new(self.secret.encode(), text, hashlib.sha256).digest()
        return {
            "X-HubSpot-Signature-v3": base64.b64encode(digest).decode(),
            "X-HubSpot-Request-Timestamp": at,
            "Content-Type": "application/json",
        }

    def without_identity(self) -> Call:
        return replace(self, target=self.target.partition("?")[0])


def send(house: House, call: Call, **headers: str | None) -> TestResponse:
    """Send it to the product; a header given as None is left out."""
    given = {**call.headers(), **headers}
    kept = {name: value for name, value in given.items() if value is not None}
    client = house.app.test_client()
    return client.open(call.target, method=call.method, data=call.body, headers=kept)


def deal(path: str = "5101", query: str = "lang=fr") -> str:
    return f"/api/card/deals/{path}?{query}&{IDENTITY}"
