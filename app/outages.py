"""What a log says while something is away: at once, then ever more rarely, and when it is back."""

import threading
import time
from collections.abc import Callable

from structlog.typing import FilteringBoundLogger

FIRST_PAUSE_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 3600.0


class Outage:
    """One thing that this process needs; any thread may report on it, as often as it looks."""

    def __init__(
        self,
        log: FilteringBoundLogger,
        name: str,
        *,
        meanwhile: str,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log, self._name, self._meanwhile, self._now = log, name, meanwhile, now
        self._lock = threading.Lock()
        self._since: float | None = None
        self._due, self._pause = 0.0, 0.0

    def goes_on(self, error: object) -> None:
        """It did not answer."""
        with self._lock:
            now = self._now()
            if self._since is None:
                self._since, self._due, self._pause = now, now, FIRST_PAUSE_SECONDS
            if now < self._due:
                return
            self._due, self._pause = now + self._pause, min(2 * self._pause, LONGEST_PAUSE_SECONDS)
            seconds = round(now - self._since)
        words = f"{self._name} is away; {self._meanwhile}"
        self._log.warning(words, seconds=seconds, error=str(error))

    def is_over(self) -> None:
        """It answered."""
        if self._since is None:
            return
        with self._lock:
            since, self._since = self._since, None
        if since is not None:
            self._log.warning(f"{self._name} is back", seconds=round(self._now() - since))
