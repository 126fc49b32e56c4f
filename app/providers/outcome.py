"""What a status, or no answer, means for a call: the same for all vendors."""

import math
import socket
import ssl
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from app.clock import wall_now
from app.errors import FailureKind

_REFUSED_FOR_NOW = frozenset({408, 409, 423, 425, 429, 477})
# After a time-out a write may arrive yet: a look would come too early, another write too.
LATE_SECONDS = 20.0
LONGEST_ASKED = 3600.0
_NEVER_SENT = (
    NewConnectionError,
    ConnectTimeoutError,
    ConnectionRefusedError,
    socket.gaierror,
    ssl.SSLCertVerificationError,
)


def kind_of_status(status: int, *, write: bool) -> FailureKind:
    """Kind of an HTTP status of 400 or more; 401 is AUTH, the vendor may know better of 403."""
    if status in _REFUSED_FOR_NOW:
        return FailureKind.RETRYABLE
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _unanswered(write=write)
    unauthorized = status == HTTPStatus.UNAUTHORIZED
    return FailureKind.AUTH if unauthorized else FailureKind.PERMANENT


def kind_of_silence(error: BaseException, *, write: bool) -> FailureKind:
    """Kind of a call that got no answer: a write that may have arrived has an unknown outcome."""
    if any(isinstance(cause, _NEVER_SENT) for cause in _causes(error)):
        return FailureKind.RETRYABLE
    return _unanswered(write=write)


def late_seconds(error: BaseException, kind: FailureKind) -> float:
    """How long what was sent may still arrive: nobody answered, and nobody said that it failed."""
    timed_out = any(isinstance(cause, TimeoutError) for cause in _causes(error))
    return LATE_SECONDS if timed_out and kind is FailureKind.UNKNOWN_OUTCOME else 0.0


def retry_after(headers: Mapping[str, str] | None) -> float | None:
    """Seconds of a Retry-After header, given as seconds or as a date; None without one.

    At most an hour: whatever a broken answer asks for, the vendor is tried again.
    """
    named = {name.lower(): value for name, value in (headers or {}).items()}
    text = named.get("retry-after", "").strip()
    if not text:
        return None
    try:
        asked = float(text)
    except ValueError:
        asked = _seconds_until(text)
    return None if math.isnan(asked) else min(max(asked, 0.0), LONGEST_ASKED)


def sentence(text: object, *, longest: int = 300) -> str:
    """A vendor's words on one line, cut to what fits a card or a log."""
    words = " ".join(str(text).split())
    return words if len(words) <= longest else words[: longest - 1] + "…"


def _unanswered(*, write: bool) -> FailureKind:
    return FailureKind.UNKNOWN_OUTCOME if write else FailureKind.RETRYABLE


def _seconds_until(date: str) -> float:
    """NaN for what is no date."""
    try:
        return (parsedate_to_datetime(date) - wall_now()).total_seconds()
    except (TypeError, ValueError):
        return math.nan


def _causes(error: BaseException) -> Iterator[BaseException]:
    # `__context__` is left out: it may be an older failure that was being handled meanwhile.
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting:
        cause = waiting.pop()
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [cause.__cause__, getattr(cause, "reason", None), *cause.args]
