"""HubSpot's request signatures, version 3 and the older version 2 (Validating requests)."""

from __future__ import annotations

import base64
import hashlib
import hmac

# The only escapes HubSpot undoes before it signs; everything else stays as it was sent.
_DECODED = {
    "%3A": ":",
    "%2F": "/",
    "%3F": "?",
    "%40": "@",
    "%21": "!",
    "%24": "$",
    "%27": "'",
    "%28": "(",
    "%29": ")",
    "%2A": "*",
    "%2C": ",",
    "%3B": ";",
}


def signed_uri(uri: str) -> str:
    """Undo the twelve escapes, in either case of their letters."""
    for escape, character in _DECODED.items():
        uri = uri.replace(escape, character).replace(escape.lower(), character)
    return uri


def sign_v3(secret: str, method: str, uri: str, body: str, timestamp: str) -> str:
    """Return the X-HubSpot-Signature-v3 of a request; `timestamp` is wall time in ms, as text."""
    text = method + signed_uri(uri) + body + timestamp
    digest = hmac.new(secret.encode(), text.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def sign_v2(secret: str, method: str, uri: str, body: str) -> str:
    """Return the older X-HubSpot-Signature, which HubSpot still sends beside version 3."""
    return hashlib.sha256((secret + method + uri + body).encode()).hexdigest()
