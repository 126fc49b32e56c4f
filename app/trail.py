"""The trail of a piece of work: what each of its log lines says, and the request it began with.

A web request has an id, each message added on the way is stored with it, and the worker takes it
up again: one id leads from the click on the card to the team's message in Slack. A customer's visit
and a webhook join the flow of the proposal they are about.

Kept in one variable, not in structlog's one for each name: webhooks come in floods.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from random import getrandbits

from structlog.typing import EventDict, WrappedLogger

_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{7,63}")

_known: ContextVar[Mapping[str, object]] = ContextVar("trail", default={})  # noqa: B039  never changed


def enter(request_id: str = "", **known: object) -> None:
    """Begin a new trail in this thread, under the id that came along if it is well formed."""
    own = request_id if _WELL_FORMED.fullmatch(request_id) else f"{getrandbits(128):032x}"
    _known.set({"request_id": own, **known})


def leave() -> None:
    """Forget the trail: the thread's next work is another's."""
    _known.set({})


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
    _known.set({**_known.get(), **known})


def join(request_id: str, **known: object) -> None:
    """Go on under the id of the flow this work belongs to; its own is kept as `own_request_id`."""
    own = current_request_id()
    if own and own != request_id:
        known["own_request_id"] = own
    note(request_id=request_id, **known)


def current_request_id() -> str:
    """The id of the request that this work began with; "" outside of any trail."""
    return str(_known.get().get("request_id", ""))


def add_trail(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A processor: what the line itself says comes before what its trail knows."""
    return {**_known.get(), **event}
