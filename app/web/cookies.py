"""Our cookies: not readable by scripts and, with HTTPS, not settable by other hosts."""

from flask import request
from werkzeug.wrappers import Response

from app.web.runtime import runtime

SESSION = "propale"
INSTALL = "propale_install"
# Another host of our domain cannot set a cookie with this prefix; browsers want HTTPS for it.
# https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-the-__host-prefix
PREFIX = "__Host-"


def read(cookie: str) -> str:
    """The cookie's value; "" if this browser has none."""
    return request.cookies.get(_name(cookie), "")


def give(response: Response, cookie: str, value: str, seconds: int) -> None:
    response.set_cookie(
        _name(cookie),
        value,
        max_age=seconds,
        secure=runtime().settings.secure,
        httponly=True,
        samesite="Lax",
    )


def take_back(response: Response, cookie: str) -> None:
    """Delete it with the same attributes: browsers ignore others for a prefixed name."""
    give(response, cookie, "", 0)


def _name(cookie: str) -> str:
    return PREFIX + cookie if runtime().settings.secure else cookie
