"""Security headers of every answer: browsers may load from and send to us and Stripe only."""

import base64
import hashlib
import secrets
from functools import cache
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from flask import Flask, Response, g
from markupsafe import Markup

from app.language import say
from app.settings import Settings

STRIPE_PAGES = ("https://checkout.stripe.com", "https://invoice.stripe.com")
STYLE_SHEET = Path(__file__).parent.parent / "templates" / "parts" / "page.css"
YEAR_SECONDS = 31_536_000


def install(app: Flask) -> None:
    """Add the headers to every answer with a body, and functions to the templates."""
    settings = cast("Settings", app.extensions["propale"].settings)
    fixed = _fixed(settings)
    forms = form_targets(settings)

    @app.after_request
    def protect(response: Response) -> Response:
        if not response.response:  # it shows a browser nothing, and webhooks come in floods
            return response
        # One look for all names: `setdefault` would search all headers for each of them.
        present = {name.lower() for name, _ in response.headers}
        for name, value in (("Content-Security-Policy", _policy(forms)), *fixed.items()):
            if name.lower() not in present:
                response.headers.add(name, value)
        return response

    app.jinja_env.globals |= {"csp_nonce": csp_nonce, "style_sheet": style_sheet, "say": say}
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def csp_nonce() -> str:
    """The nonce that allows this answer's own <style>; made when a template asks for it."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return cast("str", g.csp_nonce)


@cache
def style_sheet() -> Markup:
    """The one style sheet of our pages, as it stands inside <style>."""
    return Markup(STYLE_SHEET.read_text(encoding="utf-8"))  # noqa: S704  a file of ours


def form_targets(settings: Settings) -> str:
    """Where forms may lead, redirects included: browsers check each hop.

    https://www.w3.org/TR/CSP3/#directive-form-action
    """
    if settings.production:
        return " ".join(("'self'", *STRIPE_PAGES))
    parts = urlsplit(settings.stripe_api_base)
    return f"'self' {parts.scheme}://{parts.netloc}"


def _policy(forms: str) -> str:
    """Allow the style by nonce or, on a page with the same bytes for everybody, by its hash."""
    style = f"'nonce-{g.csp_nonce}'" if "csp_nonce" in g else _style_hash(style_sheet())
    return (
        f"default-src 'none'; style-src {style}; img-src 'self' data:; form-action {forms}; "
        "frame-ancestors 'none'; base-uri 'none'"
    )


@cache
def _style_hash(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _fixed(settings: Settings) -> dict[str, str]:
    headers = {
        # With `no-referrer` browsers send `Origin: null`, and our forms would be refused.
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex, nofollow",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    }
    if settings.secure:
        headers["Strict-Transport-Security"] = f"max-age={YEAR_SECONDS}; includeSubDomains"
    return headers
