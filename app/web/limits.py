"""How often an address, a link or a person may call: generous for people, narrow for guessing.

Counted in Redis, for all web processes together. While Redis is away each process counts by itself:
nobody is locked out, and nobody may guess without end. docs/security.md says what that means.
"""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app, g, request
from flask_limiter import Limiter
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.bell import PATIENCE_SECONDS
from app.settings import Settings
from app.tokens import token_hash

WINDOW_SECONDS = 60
READING = {"GET", "HEAD", "OPTIONS"}
SUBSCRIBERS_BITS = 64


@dataclass(frozen=True, slots=True)
class Budget:
    """Calls a minute by one address and, unless it is 0, by the secret link in the path."""

    address: int
    link: int = 0


# Who may call (`open_to`) -> what reading and what changing may cost. A whole office may share one
# address; a page that waits reloads itself thirty times a minute.
BUDGETS = {
    "everybody": (Budget(120), Budget(60)),
    "colleague": (Budget(600), Budget(120)),
    "holder of the link": (Budget(600, link=120), Budget(120, link=20)),
    "holder of the return link": (Budget(600, link=120), Budget(120, link=20)),
    "holder of a one-time link": (Budget(30), Budget(30)),
}
# Signed callers: whoever cannot sign is counted by address, and a well signed webhook never is.
SIGNED = {"signed card", "signed Stripe", "holder of the metrics token"}
FORGERIES = 120
CARD_CALLS = 240
# A load balancer that is told to wait would take the host out.
UNLIMITED = {"health"}


@dataclass(frozen=True, slots=True)
class Gates:
    """Each counts one call more, and raises 429 when it is one too many."""

    forgery: Callable[[], None]
    card: Callable[[], None]


def install(app: Flask) -> None:
    """Count every call to a route by who may make it; the gates are for what a view finds out.

    Call it when the application has all its routes.
    """
    settings = cast("Settings", app.extensions["propale"].settings)
    gates = _counted(app, settings) if settings.rate_limits else Gates(_forgery, _card_call)
    app.extensions["propale_gates"] = gates


def _counted(app: Flask, settings: Settings) -> Gates:
    limiter = Limiter(
        _address,
        storage_uri=settings.redis_url,
        storage_options=_impatient(),
        in_memory_fallback_enabled=True,
        key_prefix="propale",
    )
    # Named as installed already, it adds no hooks of its own: those would run for every webhook
    # too, and take longer than all that Flask does for it.
    app.extensions["limiter"] = {limiter}
    limiter.init_app(app)
    by_link = limiter.shared_limit(_budget_of_link, _visitor, key_func=_link)
    by_address = limiter.shared_limit(_budget_of_address, _visitor)
    visit = by_link(by_address(_visit))
    counted = {
        endpoint
        for endpoint, view in app.view_functions.items()
        if _who(view) in BUDGETS and endpoint.partition(".")[0] not in UNLIMITED
    }

    @app.before_request
    def count_visit() -> None:
        if request.endpoint in counted:
            visit()

    return Gates(
        limiter.shared_limit(f"{FORGERIES}/minute", "forgery")(_forgery),
        limiter.shared_limit(f"{CARD_CALLS}/minute", "card", key_func=_person)(_card_call),
    )


def count_forgery() -> None:
    """Call it where a signature failed, and never before."""
    _gates().forgery()


def count_card_call(hub_id: int, user_id: int) -> None:
    """Call it once the person's signature is checked: HubSpot's addresses are everybody's."""
    g.limited_person = f"{hub_id}:{user_id}"
    _gates().card()


def _gates() -> Gates:
    return cast("Gates", current_app.extensions["propale_gates"])


def _visit() -> None:
    """Nothing but being counted."""


def _forgery() -> None:
    """Nothing but being counted."""


def _card_call() -> None:
    """Nothing but being counted."""


def _impatient() -> dict[str, int | str]:
    options = {
        "socket_timeout": PATIENCE_SECONDS,
        "socket_connect_timeout": PATIENCE_SECONDS,
        "retry": Retry(NoBackoff(), 0),
    }
    return cast("dict[str, int | str]", options)  # they go to redis-py as they are


def _visitor(_endpoint: str) -> str:
    """Who may call this route, and whether it reads or changes: one count for all such routes."""
    return f"{_caller()}, {'reading' if request.method in READING else 'changing'}"


def _caller() -> str:
    return _who(current_app.view_functions.get(request.endpoint or ""))


def _who(view: object) -> str:
    """As the route declares it; a colleague's right changes nothing of how often she may call."""
    return str(getattr(view, "may_call", "")).partition(" who may ")[0]


def _budget() -> Budget:
    reading, changing = BUDGETS[_caller()]
    return reading if request.method in READING else changing


def _budget_of_address() -> str:
    return f"{_budget().address}/minute"


def _budget_of_link() -> str:
    link = _budget().link if "token" in (request.view_args or {}) else 0
    return f"{link}/minute" if link else ""


def _address() -> str:
    """The caller's address; of IPv6 the half that one subscriber has.

    A server that listens on both calls an IPv4 address ::ffff:192.0.2.1: half of that is everybody.
    """
    text = request.remote_addr or "nowhere"
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return text
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, SUBSCRIBERS_BITS), strict=False))
    return text


def _link() -> str:
    """The link's hash: what is counted may not open anything."""
    return token_hash((request.view_args or {})["token"])


def _person() -> str:
    return cast("str", g.limited_person)
