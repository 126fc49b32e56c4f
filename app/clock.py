"""Business time: what the product calls now. Wall time is the operating system's."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

# A vendor's clock may be this far from ours: what is looked up by time begins that much earlier.
CLOCKS_APART = timedelta(minutes=2)


def wall_now() -> datetime:
    """Wall time, for signatures, leases and token expiry; nothing ever moves it."""
    return datetime.now(UTC)


class Clock:
    """Business time, for validity, reminders and calendars.

    In the sandbox it is wall time plus an offset that is read at each call; production has none.
    """

    def __init__(self, read_offset: Callable[[], timedelta] | None = None) -> None:
        self._read_offset = read_offset

    def now(self) -> datetime:
        offset = self._read_offset() if self._read_offset else timedelta(0)
        return wall_now() + offset
