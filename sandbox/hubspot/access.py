"""Who calls the API: bearer token, scopes, and HubSpot's real limit of 110 calls in 10 seconds."""

from __future__ import annotations

import time
from collections import defaultdict, deque
from datetime import datetime
from typing import TYPE_CHECKING, cast

from flask import current_app, g, request

from sandbox.hubspot.errors import HubSpotError
from sandbox.hubspot.tokens import access_tokens, confirm_use
from sandbox.world import current_world

if TYPE_CHECKING:
    from flask import Response

    from sandbox.store import Record

CALLS = 110
WINDOW_SECONDS = 10.0


class RateLimit:
    """Arrivals of the last ten seconds per installed account; `calls` may be set by a tester."""

    def __init__(self) -> None:
        self.calls = CALLS
        self._arrivals: dict[str, deque[float]] = defaultdict(deque)

    def enter(self, portal: str) -> int:
        """Count one call and return how many remain; raise 429 when there are none."""
        now, arrivals = time.monotonic(), self._arrivals[portal]
        while arrivals and arrivals[0] <= now - WINDOW_SECONDS:
            arrivals.popleft()
        if len(arrivals) >= self.calls:
            raise self._refusal(arrivals[0] + WINDOW_SECONDS - now)
        arrivals.append(now)
        return self.calls - len(arrivals)

    def forget(self) -> None:
        self.calls = CALLS
        self._arrivals.clear()

    @staticmethod
    def _refusal(wait: float) -> HubSpotError:
        return HubSpotError(
            429,
            "RATE_LIMITS",
            "You have reached your ten_secondly_rolling limit.",
            headers={"Retry-After": str(int(wait) + 1)},
            errorType="RATE_LIMIT",
            policyName="TEN_SECONDLY_ROLLING",
        )


def rate_limit() -> RateLimit:
    """Return the limiter of this sandbox."""
    return cast("RateLimit", current_app.config["HUBSPOT_RATE_LIMIT"])


def enter() -> None:
    """Check the bearer token and the limit; leave portal, user and scopes in `g`."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    grant = access_tokens(current_world()).get(token)
    if grant is None:
        raise HubSpotError(
            401,
            "INVALID_AUTHENTICATION",
            "Authentication credentials not found. This API supports OAuth 2.0 authentication.",
        )
    _refuse_expired(grant)
    g.portal, g.user_id, g.scopes = grant["portal"], grant["user"], set(grant["scopes"])
    g.remaining = 0
    g.remaining = rate_limit().enter(g.portal)
    confirm_use(current_world(), grant)


def _refuse_expired(grant: Record) -> None:
    late = current_world().clock.wall() - datetime.fromisoformat(grant["expires_at"])
    if late.total_seconds() >= 0:
        raise HubSpotError(
            401,
            "EXPIRED_AUTHENTICATION",
            "The OAuth token used to make this call expired "
            f"{int(late.total_seconds())} second(s) ago.",
            context={"expire time": [grant["expires_at"]]},
        )


def show_limit(response: Response) -> Response:
    """Add the rate-limit headers an OAuth app sees."""
    if "remaining" in g:
        response.headers["X-HubSpot-RateLimit-Max"] = str(rate_limit().calls)
        response.headers["X-HubSpot-RateLimit-Remaining"] = str(g.remaining)
        response.headers["X-HubSpot-RateLimit-Interval-Milliseconds"] = "10000"
    return response


def need(*scopes: str) -> str:
    """Return the portal when the token holds every scope; raise 403 MISSING_SCOPES otherwise."""
    missing = [scope for scope in scopes if scope not in g.scopes]
    if missing:
        raise HubSpotError(
            403,
            "MISSING_SCOPES",
            "This app hasn't been granted all required scopes to make this call. "
            "Read more about required scopes here: https://developers.hubspot.com/scopes.",
            errors=[
                {
                    "message": "One or more of the following scopes are required.",
                    "context": {"requiredGranularScopes": missing},
                }
            ],
            links={"scopes": "https://developers.hubspot.com/scopes"},
        )
    return cast("str", g.portal)
