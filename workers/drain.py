"""The RQ job: claim due messages, work them in threads, keep their leases alive."""

import logging
import threading
import time
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from app import messages
from app.clock import wall_now
from app.db import ScopedSession
from app.errors import FailureKind, ProviderError
from app.messages import Claimed, Ignored
from app.runtime import Runtime
from workers.handler import Handler, not_ours
from workers.jobs import GiveUp, Retry, after_failure, too_doubtful

THREADS = 8
TURN_SECONDS = 30.0
LOOK_SECONDS = 0.1
RENEW_SECONDS = 5.0

UNKNOWN = Handler(not_ours)

log = logging.getLogger(__name__)


@dataclass
class Drain:
    """Works whatever is due. One turn at a time in a process; more processes are welcome."""

    runtime: Runtime
    handlers: Mapping[str, Handler]
    threads: int = THREADS
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def run(self, seconds: float = TURN_SECONDS) -> int:
        """Work until nothing is due or the turn is over; returns how many messages were worked."""
        if not self._turn.acquire(blocking=False):
            return 0
        try:
            with ThreadPoolExecutor(self.threads, "message") as pool:
                return self._work(pool, time.monotonic() + seconds)
        finally:
            self._turn.release()

    def _work(self, pool: ThreadPoolExecutor, stop_at: float) -> int:
        running: dict[Future[None], Claimed] = {}
        worked, renewed_at = 0, time.monotonic()
        while True:
            free = self.threads - len(running)
            if free and time.monotonic() < stop_at:
                for message in messages.claim(self.runtime.database, free):
                    running[pool.submit(self.perform, message)] = message
            if not running:
                return worked
            done, _ = wait(running, LOOK_SECONDS, FIRST_COMPLETED)
            worked += len([running.pop(future) for future in done])
            if time.monotonic() - renewed_at > RENEW_SECONDS:
                messages.renew(self.runtime.database, list(running.values()))
                renewed_at = time.monotonic()

    def perform(self, message: Claimed) -> None:
        """One message from claim to settlement; nothing it raises leaves the thread."""
        handler = self.handlers.get(message.kind, UNKNOWN)
        try:
            if too_doubtful(message, message.doubts):
                self._settle(handler, message, GiveUp("too many attempts ended without an answer"))
                return
            effect = handler.work(self.runtime, message)
            with self.runtime.database.writing(message.tenant_id) as session:
                if messages.finish(session, message):
                    effect(session)
        except Ignored as reason:
            with self.runtime.database.writing(message.tenant_id) as session:
                messages.ignore(session, message, str(reason))
        except Exception as error:  # noqa: BLE001  the policy decides about every failure
            self._fail(handler, message, error)

    def _fail(self, handler: Handler, message: Claimed, error: Exception) -> None:
        verdict = after_failure(error, message, wall_now())
        trace = None if isinstance(error, ProviderError) else error
        log.warning(
            "%s %s attempt %s: %s", message.kind, message.id, message.attempt, error, exc_info=trace
        )
        try:
            self._settle(handler, message, verdict, error)
        except Exception:
            log.exception("message %s could not be settled; its lease will expire", message.id)

    def _settle(
        self,
        handler: Handler,
        message: Claimed,
        verdict: Retry | GiveUp,
        error: Exception | None = None,
    ) -> None:
        with self.runtime.database.writing(message.tenant_id) as session:
            if isinstance(verdict, Retry):
                mine = messages.reschedule(
                    session, message, verdict.after, str(error), doubtful=verdict.doubtful
                )
            else:
                mine = messages.bury(session, message, verdict.reason)
            if mine:
                self._tell(session, handler, message, verdict, error)

    def _tell(
        self,
        session: ScopedSession,
        handler: Handler,
        message: Claimed,
        verdict: Retry | GiveUp,
        error: Exception | None,
    ) -> None:
        if isinstance(verdict, GiveUp):
            handler.when_dead(session, message, verdict.reason)
        if isinstance(error, ProviderError) and isinstance(verdict, Retry):
            if error.retry_after:
                messages.pause(session, message.tenant_id, message.provider, verdict.after)
            if error.kind is FailureKind.AUTH:
                handler.when_locked_out(session, message, error)


_drain: Drain | None = None


def use(drain: Drain) -> None:
    """Make this process's drain the one that answers rings."""
    global _drain  # noqa: PLW0603  RQ calls a function by its name
    _drain = drain


def answer_ring() -> int:
    """What RQ runs; the ring carries no more than *look at the messages*."""
    if _drain is None:
        raise RuntimeError("this process was not started with `python -m workers`")
    return _drain.run()
