"""The RQ job: claim due messages, hand them to threads, keep their leases alive."""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from app import messages
from app.logs import get_logger
from app.messages import Claimed
from app.metrics.counts import lost_threads
from app.runtime import Runtime
from workers.attempt import Attempt
from workers.finishing import GATHER_SECONDS, Finishing
from workers.handler import Handler

THREADS = 8
TURN_SECONDS = 30.0
LOOK_SECONDS = 0.1
RENEW_SECONDS = 5.0
# The slowest handler makes some ten calls, of which none takes longer than 30 s.
ATTEMPT_SECONDS = 300.0
MOST_LOST = 8

log = get_logger(__name__)


class Drain:
    """Works whatever is due; several processes may run one each.

    `look` only claims: the work goes on in threads, so that the next ring is answered at once. A
    thread that is done claims again; another thread renews the leases of all messages in work.

    Work that does not end is let go after `attempt_seconds`: its lease ends as if this process had
    died, and another thread takes its place. A thread cannot be ended from outside, so after
    `most_lost` of them the drain calls `worn_out`: the process should end and be started again.
    """

    def __init__(
        self,
        runtime: Runtime,
        handlers: Mapping[str, Handler],
        threads: int = THREADS,
        *,
        renew_seconds: float = RENEW_SECONDS,
        attempt_seconds: float = ATTEMPT_SECONDS,
        most_lost: int = MOST_LOST,
        worn_out: Callable[[], None] = lambda: None,
    ) -> None:
        self.stopping = threading.Event()
        self._runtime = runtime
        self._handlers = handlers
        self._threads = threads
        self._renew_seconds = renew_seconds
        self._attempt_seconds = attempt_seconds
        self._most_lost = most_lost
        self._worn_out = worn_out
        self._pool = ThreadPoolExecutor(threads + most_lost, "message")
        self._held: dict[int, Claimed] = {}
        self._ends: dict[int, float] = {}
        self._lost: list[Claimed] = []
        self._claimed = 0
        self._finishing = Finishing()
        self._claiming = threading.Lock()
        # Held only while `_held`, `_ends`, `_lost` change; a claim may wait for a database lock.
        self._books = threading.Lock()
        self._one_done = threading.Event()
        self._keeper: threading.Thread | None = None

    def look(self) -> int:
        """Claim what is due, as far as threads are free; returns how many messages.

        Start one message before claiming the rest, so that its result (often the team's message in
        Slack) does not wait for the others.
        """
        with self._claiming:
            first = self._claim(1)
            return first and first + self._claim(self._threads)

    def run(self, seconds: float = TURN_SECONDS) -> int:
        """Claim until nothing is due or in work, or the time is over; returns as `look`."""
        until, before = time.monotonic() + seconds, self._claimed
        while True:
            with self._claiming:
                idle = not self._held  # before the claim: what they leave to do is seen by it
                idle = not self._claim(self._threads) and idle
            if idle or self.stopping.is_set() or time.monotonic() > until:
                return self._claimed - before
            self._one_done.wait(LOOK_SECONDS)
            self._one_done.clear()

    def finish(self) -> int:
        """Claim nothing more, wait for the work in hand; returns how many threads are lost."""
        self.stopping.set()
        while self._held:
            self._one_done.wait(LOOK_SECONDS)
        return len(self._lost)

    def _claim(self, most: int) -> int:
        # A lease may have run out while this machine stood still; its thread goes on working.
        with self._books:
            held = list(self._held.values())
        free = 0 if self.stopping.is_set() else min(most, self._threads - len(held))
        try:
            claimed = messages.claim(self._runtime.database, free, held=held) if free else []
        except Exception:
            log.exception("nothing could be claimed; the sweep tries again")
            return 0
        self._claimed += len(claimed)
        now = time.monotonic()
        with self._books:
            self._held |= {message.id: message for message in claimed}
            self._ends |= {message.id: now + self._longest(message) for message in claimed}
            if claimed and self._keeper is None:
                self._keeper = threading.Thread(
                    target=self._keep_leases, daemon=True, name="leases"
                )
                self._keeper.start()
        for message in claimed:
            self._pool.submit(self._work, message)
        return len(claimed)

    def _longest(self, message: Claimed) -> float:
        """How many seconds its attempt may take."""
        handler = self._handlers.get(message.kind)
        return max(self._attempt_seconds, handler.seconds if handler else 0.0)

    def _work(self, message: Claimed) -> None:
        try:
            Attempt(self._runtime, self._handlers, message, self._finishing, self.stopping).make()
        finally:
            self._leave(message)
            time.sleep(GATHER_SECONDS)
            self._claim_more()

    def _claim_more(self) -> None:
        with self._claiming:
            self._claim(self._threads)
        self._one_done.set()

    def _leave(self, message: Claimed) -> None:
        """Free this thread before it waits for its turn to claim: one claim then serves several."""
        with self._books:
            if self._held.get(message.id) is message:
                del self._held[message.id], self._ends[message.id]
            else:
                self._lost.remove(message)

    def _keep_leases(self) -> None:
        """Renew the leases of messages in work; end when there are none, a claim starts it anew."""
        while True:
            time.sleep(self._renew_seconds)
            self._let_go()
            with self._books:
                held = list(self._held.values())
                if not held:
                    self._keeper = None
                    return
            try:
                messages.renew(self._runtime.database, held)
            except Exception:
                log.exception("leases could not be renewed; the next try comes before they end")

    def _let_go(self) -> None:
        """Count as lost what has been in work too long; others get its place at once."""
        with self._books:
            over = [m for m in self._held.values() if self._ends[m.id] < time.monotonic()]
            self._lost += over
            for message in over:
                del self._held[message.id], self._ends[message.id]
        for message in over:
            lost_threads.inc()
            log.error("does not end; its thread is lost", message=message.id, kind=message.kind)
        if len(self._lost) >= self._most_lost and not self.stopping.is_set():
            log.error("too many threads are lost; this process ends", lost=len(self._lost))
            self.stopping.set()
            self._worn_out()
        if over and not self.stopping.is_set():
            self._pool.submit(self._claim_more)


_drain: Drain | None = None


def use(drain: Drain) -> None:
    """Make this process's drain the one that answers rings."""
    global _drain  # noqa: PLW0603  RQ calls a function by its name
    _drain = drain


def answer_ring() -> int:
    """What RQ runs; the ring itself carries no data.

    It returns before the work is done, so that this process hears the next ring.
    """
    if _drain is None:
        raise RuntimeError("this process was not started with `python -m workers`")
    return _drain.look()
