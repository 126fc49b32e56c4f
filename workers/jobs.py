"""The retry policy, once: how often, how long, when to give up."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from app.errors import FailureKind, ProviderError
from app.messages import Claimed
from app.reasons import Reason, reason_of

FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=15)
PATIENCE = timedelta(hours=20)
# A person must connect the vendor again first, perhaps after a holiday.
RECONNECT_WAIT = timedelta(minutes=10)
RECONNECT_PATIENCE = timedelta(days=30)
# Another message of ours must be done first, and wakes this one; this is for when it could not.
NOT_YET_WAIT = timedelta(minutes=1)
LOCKED_OUT = (FailureKind.AUTH, FailureKind.CONFIGURATION, FailureKind.BLOCKED)
# Whoever runs the server must mend what we are to the vendor, perhaps after a holiday, too.
CONFIGURATION_WAIT = timedelta(minutes=5)
# While a new version is rolled out, a worker of the old one leaves its kinds to the new ones.
STRANGE_WAIT = timedelta(minutes=2)
STRANGE_PATIENCE = timedelta(days=1)
# What became of an attempt is stored again and again while the database is away: an attempt that is
# given up counts as a death of its process.
STORE_WAIT_SECONDS = 0.5
STORE_SECONDS = 240.0
BUG_TRIES = 5
MOST_DEATHS = 5
MOST_MAIL_DOUBTS = 2


class StrangeKindError(LookupError):
    """A kind of message that this version does not know."""


class NotYetError(Exception):
    """Raised by a handler: a message of ours of the kind `waits_for` has to be done first."""

    def __init__(self, waits_for: str) -> None:
        super().__init__(f"{waits_for} comes first")
        self.waits_for = waits_for


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again after this time; `doubtful` when the failed attempt may have worked.

    `waits_for` names what must come first, as on the message: it is tried again when that comes.
    `failing_since` is when this trouble began; `bug`: it is an error of ours.
    """

    after: timedelta
    failing_since: datetime
    doubtful: bool = False
    bug: bool = False
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
    if isinstance(error, ProviderError):
        return _after_vendors(error, message, now)
    if isinstance(error, StrangeKindError):
        return _after_strange_kind(message, now)
    if isinstance(error, NotYetError):
        return Retry(NOT_YET_WAIT, _waiting_since(message, now), waits_for=error.waits_for)
    return _after_our_own(error, message, now, doubtful=worked)


def _after_vendors(error: ProviderError, message: Claimed, now: datetime) -> Verdict:
    if error.kind is FailureKind.PERMANENT:
        return GiveUp(reason_of(error))
    if error.kind in LOCKED_OUT:
        return _after_lock_out(error, message, now)
    return _after_trouble(error, message, now)


def _after_trouble(error: ProviderError, message: Claimed, now: datetime) -> Verdict:
    """The vendor could not, or nobody knows whether it did."""
    since = _failing_since(message, now)
    if now - since > PATIENCE:
        hours = PATIENCE // timedelta(hours=1)
        return GiveUp(Reason("patience", {"hours": hours}, error.provider))
    asked = timedelta(seconds=max(error.retry_after or 0, error.late_seconds))
    wait, doubtful = max(asked, backoff(now - since)), error.kind is FailureKind.UNKNOWN_OUTCOME
    return _again(message, Retry(wait, since, doubtful))


UNSURE = Reason("unsure")


def _failing_since(message: Claimed, now: datetime) -> datetime:
    """When the message began to fail: neither its wait for a worker nor a lock-out counts."""
    return now if message.waits_for else message.failing_since or now


def _again(message: Claimed, retry: Retry) -> Verdict:
    if retry.doubtful and _too_doubtful(message, message.doubts + 1):
        return GiveUp(UNSURE)
    return retry


def _too_doubtful(message: Claimed, doubts: int) -> bool:
    """Mail is repeated once at most; other vendors have keys, or we look before repeating."""
    return message.provider == "email" and doubts >= MOST_MAIL_DOUBTS


def _waiting_since(message: Claimed, now: datetime) -> datetime:
    return (message.failing_since if message.waits_for else None) or now


def _after_lock_out(error: ProviderError, message: Claimed, now: datetime) -> Verdict:
    """A person must do something first: at the vendor, with us, or with the server's settings."""
    since = _waiting_since(message, now)
    if now - since > RECONNECT_PATIENCE:
        return GiveUp(reason_of(error))
    if error.kind is FailureKind.CONFIGURATION:
        return Retry(CONFIGURATION_WAIT, since, waits_for=f"{error.provider}.configuration")
    if error.kind is FailureKind.BLOCKED:
        return Retry(RECONNECT_WAIT, since, waits_for=f"{error.provider}.blocked")
    return Retry(RECONNECT_WAIT, since, waits_for=error.provider)


def _after_our_own(error: Exception, message: Claimed, now: datetime, *, doubtful: bool) -> Verdict:
    """A database that is away is waited for like a vendor; a bug is tried a few times."""
    since = _failing_since(message, now)
    bug = not is_outage(error)
    given_up = message.bugs + 1 >= BUG_TRIES if bug else now - since > PATIENCE
    if given_up:
        return GiveUp(_ours(message))
    return _again(message, Retry(backoff(now - since), since, doubtful, bug))


def is_outage(error: Exception) -> bool:
    """Whether the database could not do it just then: away, locked, full, too many at once."""
    if isinstance(error, OperationalError | NoConnectionError):
        return True
    return isinstance(error, DBAPIError) and error.connection_invalidated


def _after_strange_kind(message: Claimed, now: datetime) -> Verdict:
    since = message.failing_since or now
    return GiveUp(_ours(message)) if now - since > STRANGE_PATIENCE else Retry(STRANGE_WAIT, since)


def _ours(message: Claimed) -> Reason:
    return Reason("ours", {"message": message.id})


def backoff(failing_for: timedelta) -> timedelta:
    """As long again as it has been failing, with jitter, so that many do not come back at once."""
    longest = min(max(failing_for, FIRST_WAIT), LONGEST_WAIT)
    return longest * random.uniform(0.5, 1)  # noqa: S311  nothing secret about a pause
