"""One log line and one count for each request: what was asked, how it ended, how long it took.

It names the route, not the address: an address can be a customer's link.
"""

import time
from typing import cast

from flask import Flask, Response, g, request

from app import trail
from app.logs import get_logger
from app.metrics.counts import answers, request_seconds
from app.settings import Settings

# Asked every few seconds by machines: shown with LOG_LEVEL=DEBUG only.
PROBES = ("/healthz", "/readyz", "/metrics")
FAILED = 500

log = get_logger(__name__)


def install(app: Flask) -> None:
    """Give each request a trail, and log it at its end. Must come before all other hooks."""
    settings = cast("Settings", app.extensions["propale"].settings)
    proxied = settings.trusted_proxies > 0

    @app.before_request
    def begin() -> None:
        """A proxy of ours may have given it an id; what a stranger sends is not believed."""
        trail.enter(request.headers.get("X-Request-ID", "") if proxied else "")
        g.began = time.perf_counter()

    @app.after_request
    def tell(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else ""
        say = log.debug if route in PROBES else log.info
        if response.status_code >= FAILED:
            say = log.error
        took = time.perf_counter() - g.began
        answers.labels(route, response.status_code).inc()
        request_seconds.labels(route).observe(took)
        ms = round(took * 1000, 1)
        say("request", method=request.method, route=route, status=response.status_code, ms=ms)
        return response

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        trail.leave()
