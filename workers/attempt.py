"""One attempt at one message, from the claim to the stored result."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Event

from app import messages
from app.accounts.configuration import note_refusal, note_success
from app.accounts.connections import credentials_noted, need_reconnect, were_replaced
from app.accounts.recovered import note_recovery
from app.accounts.unopened import wrong_keys
from app.clock import wall_now
from app.db import ScopedSession
from app.errors import FailureKind, ProviderError
from app.logs import get_logger
from app.messages import Claimed, Ignored
from app.metrics.counts import attempts, message_seconds
from app.proposals.problems import forget_problem
from app.reasons import reason_of
from app.runtime import Runtime
from app.trail import note, trail
from workers.finishing import Finishing
from workers.handler import Effect, Handler, not_ours, nothing_more
from workers.jobs import (
    FIRST_WAIT,
    STORE_SECONDS,
    STORE_WAIT_SECONDS,
    GiveUp,
    Retry,
    StrangeKindError,
    Verdict,
    after_failure,
    before_attempt,
    is_outage,
)

UNKNOWN = Handler(not_ours)
TAKEN_OVER = "taken_over"
UNSETTLED = "unsettled"

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at one message. After a failure `workers/jobs.py` decides, and the row stores it.

    While the database is away the result waits for it, at most until `stopping`.
    """

    runtime: Runtime
    handlers: Mapping[str, Handler]
    message: Claimed
    finishing: Finishing = field(default_factory=Finishing)
    stopping: Event = field(default_factory=Event)

    def make(self) -> None:
        """Work the message, store the result and log it in one line; raises nothing."""
        mine, began = self.message, time.monotonic()
        with trail(
            mine.request_id,
            tenant=mine.tenant_id,
            message=mine.id,
            kind=mine.kind,
            attempt=mine.attempt,
        ):
            try:
                with credentials_noted():
                    outcome = self._try()
            except Exception:
                log.exception("the attempt is not settled; its lease will expire")
                outcome = UNSETTLED
            _tell(mine, outcome, time.monotonic() - began)

    def _try(self) -> str:
        """How it ended: done, ignored, retried, dead or taken over."""
        last = before_attempt(self.message)
        if last:
            return self._stored(lambda: self._settle(last, last.reason.said("en")))
        return self._work()

    def _work(self) -> str:
        try:
            effect = self._handler().work(self.runtime, self.message)
        except Ignored as reason:
            words = str(reason)
            return self._stored(lambda: self._ignore(words))
        except Exception as error:  # noqa: BLE001  the policy decides about every failure
            return self._fail(error, worked=False)
        return self._finish(effect)

    def _finish(self, effect: Effect) -> str:
        try:
            return self._stored(lambda: self._store(effect))
        except Exception as error:  # noqa: BLE001  the policy decides about every failure
            return self._fail(error, worked=True)

    def _store(self, effect: Effect) -> str:
        """`done` and the effect in one commit, if this attempt still holds the message."""
        waited_for, _, what = self.message.waits_for.partition(".")
        if what == "configuration":
            note_success(self.runtime.database, waited_for)
        elif waited_for and not what:
            with self.runtime.database.writing(self.message.tenant_id) as session:
                note_recovery(session, waited_for)
        if effect is nothing_more and not self.message.sent_again:
            self.finishing.finish(self.runtime.database, self.message)
            return "done"
        with self.runtime.database.writing(self.message.tenant_id) as session:
            if not messages.finish(session, self.message):
                return TAKEN_OVER
            effect(session)
            self._forget_problem(session)
        return "done"

    def _stored(self, store: Callable[[], str]) -> str:
        """Store; again and again while the database cannot, for what was done is known only here.

        A commit whose answer was lost is found to be made: then the attempt holds it no more.
        """
        end = time.monotonic() + STORE_SECONDS
        while True:
            try:
                return store()
            except Exception as error:
                if not is_outage(error) or time.monotonic() > end or self.stopping.is_set():
                    raise
                log.warning("the result waits for the database", error=str(error))
            self.stopping.wait(STORE_WAIT_SECONDS)

    def _ignore(self, reason: str) -> str:
        note(reason=reason)
        with self.runtime.database.writing(self.message.tenant_id) as session:
            if not messages.ignore(session, self.message, reason):
                return TAKEN_OVER
            self._forget_problem(session)
        return "ignored"

    def _forget_problem(self, session: ScopedSession) -> None:
        """Undo what its death showed, if it was one that a person sent again."""
        if self.message.sent_again:
            forget_problem(session, self.message.id)

    def _fail(self, error: Exception, *, worked: bool) -> str:
        error = wrong_keys(self.runtime, self.message.provider, error) or error
        verdict = after_failure(error, self.message, wall_now(), worked=worked)
        told = f"{type(error).__name__}: {error}"
        note(error=told)
        if _is_ours(error):
            log.error("an error of ours", exc_info=error)
        return self._stored(lambda: self._settle(verdict, told, error))

    def _settle(self, verdict: Verdict, told: str, error: Exception | None = None) -> str:
        if isinstance(error, ProviderError):
            note_refusal(self.runtime.database, error)
        if isinstance(verdict, GiveUp):
            return self._bury(verdict, told)
        with self.runtime.database.writing(self.message.tenant_id) as session:
            vendor = verdict.waits_for.partition(".")[0]
            if vendor and were_replaced(session, vendor):
                verdict = replace(verdict, after=FIRST_WAIT, waits_for="")
            if not messages.reschedule(
                session,
                self.message,
                verdict.after,
                told,
                failing_since=verdict.failing_since,
                doubtful=verdict.doubtful,
                bug=verdict.bug,
                waits_for=verdict.waits_for,
            ):
                return TAKEN_OVER
            self._wait_with_others(session, verdict, error)
        return "retried"

    def _bury(self, verdict: GiveUp, told: str) -> str:
        """Make it a dead letter, and do so too if what should follow from that fails."""
        try:
            with self.runtime.database.writing(self.message.tenant_id) as session:
                if not messages.bury(session, self.message, told):
                    return TAKEN_OVER
                self._handler().when_dead(session, self.message, verdict.reason)
        except Exception as error:
            if is_outage(error):
                raise
            log.exception("what follows from a dead message failed")
            with self.runtime.database.writing(self.message.tenant_id) as session:
                messages.bury(
                    session, self.message, f"{told}; then {type(error).__name__}: {error}"
                )
        return "dead"

    def _wait_with_others(
        self, session: ScopedSession, verdict: Retry, error: Exception | None
    ) -> None:
        """Apply a vendor's wait or refusal to all messages of the tenant that need that vendor.

        It may be another vendor than the message's own: a mail reads its invoice from Stripe.
        """
        if not isinstance(error, ProviderError):
            return
        if error.retry_after:
            messages.pause(session, error.provider, timedelta(seconds=error.retry_after))
        if verdict.waits_for == error.provider:
            need_reconnect(session, error.provider, reason_of(error))
        elif verdict.waits_for and error.kind is FailureKind.BLOCKED:
            self._handler().when_blocked(session, self.message, error)

    def _handler(self) -> Handler:
        return self.handlers.get(self.message.kind, UNKNOWN)


def _is_ours(error: Exception) -> bool:
    """Whether its trace is wanted: no vendor's refusal, no outage, no other version's message."""
    return not isinstance(error, ProviderError | StrangeKindError) and not is_outage(error)


def _tell(message: Claimed, outcome: str, seconds: float) -> None:
    """Count the attempt and log its one line; the trail says which message it was, and why."""
    attempts.labels(message.kind, outcome).inc()
    if outcome == "done":
        since = (wall_now() - message.created_at).total_seconds()
        message_seconds.labels(message.kind).observe(since)
    say = {"done": log.info, "ignored": log.info, "dead": log.error}.get(outcome, log.warning)
    say("message", outcome=outcome, ms=round(seconds * 1000, 1))
