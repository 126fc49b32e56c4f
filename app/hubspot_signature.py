"""HubSpot's v3 signature on card calls, checked on the request exactly as it arrived.

https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

TOLERANCE_MS = 5 * 60 * 1000
# The only escapes HubSpot decodes before signing; a general unquote gives another text.
DECODED = {
    "3A": ":", "2F": "/", "3F": "?", "40": "@", "21": "!", "24": "$",
    "27": "'", "28": "(", "29": ")", "2A": "*", "2C": ",", "3B": ";",
}  # fmt: skip
ESCAPE = re.compile("%(" + "|".join(DECODED) + ")", re.IGNORECASE)


def signed_uri(public_url: str, raw_target: str) -> str:
    """The address HubSpot signed: our configured origin and the raw path and query.

    A target in absolute form is cut to its path and query: its origin was chosen by the client.
    """
    parts = urlsplit(public_url)
    target = re.sub(r"^[a-zA-Z][a-zA-Z0-9+.-]*://[^/?#]*", "", raw_target)
    uri = f"{parts.scheme}://{parts.netloc}{target}"
    return ESCAPE.sub(lambda match: DECODED[match[1].upper()], uri)


def sign(secret: str, method: str, uri: str, body: bytes, timestamp: str) -> str:
    """Base64 of HMAC-SHA256 over method, decoded URI, raw body and timestamp text."""
    text = method.encode() + uri.encode() + body + timestamp.encode()
    return base64.b64encode(hmac.digest(secret.encode(), text, hashlib.sha256)).decode()


def is_genuine(
    secrets: Iterable[str],
    method: str,
    uri: str,
    body: bytes,
    *,
    timestamp: str,
    signature: str,
    now_ms: int,
) -> bool:
    """Whether the signature is made with one of these secrets, at most five minutes off."""
    if not re.fullmatch(r"[0-9]{1,15}", timestamp) or abs(now_ms - int(timestamp)) > TOLERANCE_MS:
        return False
    expected = [sign(secret, method, uri, body, timestamp).encode() for secret in secrets]
    # Each is compared, so that the time says nothing of which one it was.
    found = [hmac.compare_digest(each, signature.encode()) for each in expected]
    return any(found)
