"""Our cookies: closed to scripts and, where browsers reach us by HTTPS, to every other host."""

from flask import request
from werkzeug.wrappers import Response

from app.web.runtime import runtime

SESSION = "propale"
INSTALL = "propale_install"
# No neighbour of our host can plant a cookie of such a name; without HTTPS browsers refuse it.
# https://httpwg.org/http-extensions/draft-ietf-httpbis-rfc6265bis.html#name-the-__host-prefix
PREFIX = "__Host-"


def read(cookie: str) -> str:
    """What this browser holds; "" where it holds nothing."""
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
    """Said as it was given: browsers heed no other word about a prefixed name."""
    give(response, cookie, "", 0)


def _name(cookie: str) -> str:
    return PREFIX + cookie if runtime().settings.secure else cookie
