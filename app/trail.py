"""The trail of a piece of work: what each of its log lines says, and the request it began with.

A web request has an id, each message added on the way is stored with it, and the worker takes it
up again: one id leads from the click on the card to the team's message in Slack. A customer's visit
and a webhook join the flow of the proposal they are about.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from structlog.contextvars import bind_contextvars, clear_contextvars, get_contextvars

_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{7,63}")


def enter(request_id: str = "", **known: object) -> None:
    """Begin a new trail in this thread, under the id that came along if it is well formed."""
    clear_contextvars()
    own = request_id if _WELL_FORMED.fullmatch(request_id) else secrets.token_hex(16)
    bind_contextvars(request_id=own, **known)


def leave() -> None:
    """Forget the trail: the thread's next work is another's."""
    clear_contextvars()


@contextmanager
def trail(request_id: str = "", **known: object) -> Iterator[None]:
    """A trail for a block."""
    enter(request_id, **known)
    try:
        yield
    finally:
        leave()


def note(**known: object) -> None:
    """Have every line from here on say this too: `tenant`, `proposal`."""
    bind_contextvars(**known)


def join(request_id: str, **known: object) -> None:
    """Go on under the id of the flow this work belongs to; its own is kept as `own_request_id`."""
    own = current_request_id()
    if own and own != request_id:
        known["own_request_id"] = own
    bind_contextvars(request_id=request_id, **known)


def current_request_id() -> str:
    """The id of the request that this work began with; "" outside of any trail."""
    return str(get_contextvars().get("request_id", ""))
