"""The retry policy, once: how often, how long, when to give up."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.errors import FailureKind, ProviderError
from app.messages import Claimed
from app.reasons import Reason, reason_of

FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=15)
PATIENCE = timedelta(hours=20)
# A person must connect the vendor again first, perhaps after a holiday.
RECONNECT_WAIT = timedelta(minutes=10)
RECONNECT_PATIENCE = timedelta(days=30)
BUG_TRIES = 5
MOST_DEATHS = 5
MOST_MAIL_DOUBTS = 2


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again after this time; `doubtful` when the failed attempt may have worked.

    `waits_for` is the vendor that takes no credentials of ours: connected again, it is tried again.
    """

    after: timedelta
    doubtful: bool = False
    waits_for: str = ""


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Make it a dead letter; the reason is for people, in whatever language they read."""

    reason: Reason


Verdict = Retry | GiveUp


def before_attempt(message: Claimed) -> GiveUp | None:
    """Give up without trying if the process died too often, or a mail may have gone out twice."""
    if message.deaths >= MOST_DEATHS:
        return GiveUp(Reason("died"))
    return GiveUp(UNSURE) if _too_doubtful(message, message.doubts) else None


def after_failure(error: Exception, message: Claimed, now: datetime, *, worked: bool) -> Verdict:
    """Decide what follows from a failed attempt.

    `worked`: the vendor has done it, and only storing the result failed.
    """
    if not isinstance(error, ProviderError):
        return _after_bug(message, doubtful=worked)
    if error.kind is FailureKind.PERMANENT:
        return GiveUp(reason_of(error))
    age = now - message.created_at
    if error.kind is FailureKind.AUTH:
        if age > RECONNECT_PATIENCE:
            return GiveUp(reason_of(error))
        return Retry(RECONNECT_WAIT, waits_for=error.provider)
    if age > PATIENCE:
        hours = PATIENCE // timedelta(hours=1)
        return GiveUp(Reason("patience", {"hours": hours}, error.provider))
    return _again(message, _wait(error, message), error.kind is FailureKind.UNKNOWN_OUTCOME)


UNSURE = Reason("unsure")


def _again(message: Claimed, wait: timedelta, doubtful: bool) -> Verdict:
    if doubtful and _too_doubtful(message, message.doubts + 1):
        return GiveUp(UNSURE)
    return Retry(wait, doubtful)


def _too_doubtful(message: Claimed, doubts: int) -> bool:
    """Mail is repeated once at most; other vendors have keys, or we look before repeating."""
    return message.provider == "email" and doubts >= MOST_MAIL_DOUBTS


def _after_bug(message: Claimed, *, doubtful: bool) -> Verdict:
    if message.attempt >= BUG_TRIES:
        return GiveUp(Reason("ours", {"message": message.id}))
    return _again(message, backoff(message.attempt), doubtful)


def _wait(error: ProviderError, message: Claimed) -> timedelta:
    asked = timedelta(seconds=error.retry_after or 0)
    return max(asked, backoff(message.attempt))


def backoff(attempt: int) -> timedelta:
    """Exponential, with jitter, so that many messages do not come back at the same moment."""
    doublings = min(attempt - 1, 20)
    longest = min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
    return longest * random.uniform(0.5, 1)  # noqa: S311  nothing secret about a pause
