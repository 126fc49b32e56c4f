"""One log line and one count for each request: what was asked, how it ended, how long it took.

Both name the route, not the address: an address can be a customer's link.
"""

import time
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from flask import Flask
from prometheus_client import Counter, Histogram

from app import trail
from app.logs import get_logger
from app.metrics.counts import answers, request_seconds
from app.settings import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Machines call these without end: what went well is shown with LOG_LEVEL=DEBUG only. A webhook has
# a line of the same id where its message is worked; one here too would cost it a tenth of its time.
QUIET = ("/healthz", "/readyz", "/metrics", "/webhooks/")
REFUSED, FAILED = 400, 500

log = get_logger(__name__)


def install(app: Flask) -> None:
    """Put the line around the whole application."""
    settings = cast("Settings", app.extensions["propale"].settings)
    proxied = settings.trusted_proxies > 0
    app.wsgi_app = RequestLine(app.wsgi_app, proxied=proxied)  # type: ignore[method-assign]


class RequestLine:
    """WSGI middleware, because each hook of Flask's would cost a webhook as much as the line."""

    def __init__(self, app: "WSGIApplication", *, proxied: bool) -> None:
        self._app = app
        self._proxied = proxied

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """A proxy of ours may have given the request an id; a stranger's is not believed."""
        trail.enter(environ.get("HTTP_X_REQUEST_ID", "") if self._proxied else "")
        began, status, route = time.perf_counter(), FAILED, ""

        def start(line: str, *more: Any) -> Any:
            nonlocal status, route
            status, route = int(line[:3]), _route(environ)
            return start_response(line, *more)

        try:
            return self._app(environ, start)
        finally:
            _tell(environ["REQUEST_METHOD"], route, status, time.perf_counter() - began)
            trail.leave()


def _route(environ: "WSGIEnvironment") -> str:
    """The rule of the address, which the framework has found by now; "" for an unknown one."""
    rule = getattr(environ.get("werkzeug.request"), "url_rule", None)
    return rule.rule if rule else ""


@cache
def _counters(route: str, status: int) -> tuple[Counter, Histogram]:
    """Looked up once: for a webhook the look would cost more than the counting."""
    return answers.labels(route, status), request_seconds.labels(route)


def _tell(method: str, route: str, status: int, seconds: float) -> None:
    answered, times = _counters(route, status)
    answered.inc()
    times.observe(seconds)
    say = log.debug if route.startswith(QUIET) and status < REFUSED else log.info
    if status >= FAILED:
        say = log.error
    say("request", method=method, route=route, status=status, ms=round(seconds * 1000, 1))
