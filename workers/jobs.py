"""The retry policy, once: how often, how long, when to give up."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.errors import FailureKind, ProviderError
from app.messages import Claimed

FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=15)
RECONNECT_WAIT = timedelta(minutes=10)
# Stripe forgets an idempotency key after 24 h; no retry may come near that.
# https://docs.stripe.com/api/idempotent_requests
PATIENCE = timedelta(hours=20)
BUG_TRIES = 5
MOST_DOUBTS = 5
MOST_MAIL_DOUBTS = 2


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again after this time; `doubtful` when the failed attempt may have worked."""

    after: timedelta
    doubtful: bool = False


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Make it a dead letter, for this reason."""

    reason: str


Verdict = Retry | GiveUp


def after_failure(error: Exception, message: Claimed, now: datetime) -> Verdict:
    """Decide what follows from a failed attempt."""
    if not isinstance(error, ProviderError):
        return _after_bug(error, message)
    if error.kind is FailureKind.PERMANENT:
        return GiveUp(str(error))
    if now - message.created_at > PATIENCE:
        return GiveUp(f"{error} (given up after {PATIENCE})")
    if error.kind is FailureKind.AUTH:
        return Retry(RECONNECT_WAIT)
    doubtful = error.kind is FailureKind.UNKNOWN_OUTCOME
    if doubtful and too_doubtful(message, message.doubts + 1):
        return GiveUp(f"{error} (nobody knows whether it worked)")
    return Retry(_wait(error, message.attempt), doubtful)


def too_doubtful(message: Claimed, doubts: int) -> bool:
    """Whether another attempt is one too many: mail goes out once more at most."""
    return doubts >= (MOST_MAIL_DOUBTS if message.provider == "email" else MOST_DOUBTS)


def _after_bug(error: Exception, message: Claimed) -> Verdict:
    if message.attempt >= BUG_TRIES:
        return GiveUp(f"{type(error).__name__}: {error}")
    return Retry(backoff(message.attempt))


def _wait(error: ProviderError, attempt: int) -> timedelta:
    asked = timedelta(seconds=error.retry_after or 0)
    return max(asked, backoff(attempt))


def backoff(attempt: int) -> timedelta:
    """Exponential, with jitter so that a crowd does not come back together."""
    doublings = min(attempt - 1, 20)
    longest = min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)
    return longest * random.uniform(0.5, 1)  # noqa: S311  nothing secret about a pause
