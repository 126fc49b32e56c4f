"""Proof that a posted form is one of ours: it came from our page and carries that page's nonce.

SECRET_KEY may hold several keys with commas between: the first makes nonces, all of them check, so
that a change of keys refuses no page that is open in a browser.
"""

import hashlib
import hmac

from flask import Request

from app.settings import Settings


def nonce(settings: Settings, purpose: str, *bound_to: object) -> str:
    """A code that only we can make, for one purpose and the given values."""
    return _nonces(settings, purpose, bound_to)[0]


def is_ours(given: str, settings: Settings, purpose: str, *bound_to: object) -> bool:
    """Whether we made this code, with any of our keys; compared in constant time."""
    ours = _nonces(settings, purpose, bound_to)
    return any(hmac.compare_digest(given.encode(), one.encode()) for one in ours)


def came_from_our_page(
    request: Request, settings: Settings, purpose: str, *bound_to: object
) -> bool:
    """Whether the browser says so and the nonce in the form is ours."""
    given = request.form.get("nonce", "")
    return same_origin(request, settings) and is_ours(given, settings, purpose, *bound_to)


def _nonces(settings: Settings, purpose: str, bound_to: tuple[object, ...]) -> list[str]:
    text = "\n".join((purpose, *map(str, bound_to))).encode()
    keys = (key.strip().encode() for key in settings.secret_key.split(","))
    return [hmac.new(key, text, hashlib.sha256).hexdigest() for key in keys]


def same_origin(request: Request, settings: Settings) -> bool:
    """Whether a page of ours sent it: `Sec-Fetch-Site` where the browser says so, else `Origin`.

    https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == settings.public_url
