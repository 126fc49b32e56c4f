"""Makes a vendor's silence short: ten or thirty seconds of waiting become a fifth of one.

No constant of the product's and no SDK is changed, but what a socket does when it is told how long
to wait; and only while the next call is one that will not be answered in time.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SHORT_SECONDS = 0.2
LONGER_SECONDS = 0.5  # so long the sandbox says nothing


@contextmanager
def impatient(silent: Callable[[], bool]) -> Iterator[None]:
    """Inside the block a wait that begins while `silent()` ends soon."""
    usual = socket.socket.settimeout

    def settimeout(self: socket.socket, seconds: float | None) -> None:
        usual(self, SHORT_SECONDS if seconds and silent() else seconds)

    # `settimeout` is inherited from C: taking ours away again brings it back.
    socket.socket.settimeout = settimeout  # type: ignore[method-assign, assignment]
    try:
        yield
    finally:
        del socket.socket.settimeout
