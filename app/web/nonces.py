"""Proof that a posted form is one of ours: it came from our page and carries that page's nonce."""

import hashlib
import hmac

from flask import Request

from app.settings import Settings


def nonce(settings: Settings, purpose: str, *bound_to: object) -> str:
    """A code that only we can make, for one purpose and the given values."""
    text = "\n".join((purpose, *map(str, bound_to)))
    return hmac.new(settings.secret_key.encode(), text.encode(), hashlib.sha256).hexdigest()


def came_from_our_page(
    request: Request, settings: Settings, purpose: str, *bound_to: object
) -> bool:
    """Whether the browser says so and the nonce in the form is ours, compared in constant time."""
    given = request.form.get("nonce", "").encode()
    expected = nonce(settings, purpose, *bound_to).encode()
    return same_origin(request, settings) and hmac.compare_digest(given, expected)


def same_origin(request: Request, settings: Settings) -> bool:
    """Whether a page of ours sent it: `Sec-Fetch-Site` where the browser says so, else `Origin`.

    https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == settings.public_url
