"""The retry policy: kind of failure, attempt and age decide, nothing else."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from app.errors import FailureKind, ProviderError
from tests.values import NOON, make_claimed
from workers.jobs import GiveUp, Retry, after_failure, backoff, before_attempt

RETRYABLE, UNKNOWN = FailureKind.RETRYABLE, FailureKind.UNKNOWN_OUTCOME
AUTH, PERMANENT = FailureKind.AUTH, FailureKind.PERMANENT
BUG = None


def failure(kind: FailureKind | None, retry_after: float | None = None) -> Exception:
    if kind is None:
        return KeyError("a bug of ours")
    return ProviderError("stripe", kind, "it did not work", retry_after=retry_after)


# kind, attempt, doubts before, hours since it was made -> again, dead; doubtful
TABLE = [
    (RETRYABLE, 1, 0, 0, "again"),
    (RETRYABLE, 500, 0, 19, "again"),
    (RETRYABLE, 1, 0, 21, "dead"),
    (UNKNOWN, 1, 0, 0, "doubtful"),
    (UNKNOWN, 4, 3, 0, "doubtful"),
    (UNKNOWN, 50, 49, 0, "doubtful"),
    (UNKNOWN, 1, 0, 21, "dead"),
    (AUTH, 1, 0, 0, "again"),
    (AUTH, 100, 0, 19, "again"),
    (AUTH, 100, 0, 21, "again"),
    (AUTH, 100, 0, 31 * 24, "dead"),
    (PERMANENT, 1, 0, 0, "dead"),
    (BUG, 1, 0, 0, "again"),
    (BUG, 4, 0, 0, "again"),
    (BUG, 5, 0, 0, "dead"),
    (BUG, 1, 0, 21, "again"),
]


@pytest.mark.parametrize(("kind", "attempt", "doubts", "hours", "verdict"), TABLE)
def test_failure_meets_its_verdict(
    kind: FailureKind | None, attempt: int, doubts: int, hours: int, verdict: str
) -> None:
    message = make_claimed(provider="stripe", attempt=attempt, doubts=doubts)

    found = after_failure(failure(kind), message, NOON + timedelta(hours=hours), worked=False)

    if verdict == "dead":
        assert isinstance(found, GiveUp)
        assert found.reason
    else:
        assert isinstance(found, Retry)
        assert found.doubtful is (verdict == "doubtful")


def test_every_kind_of_failure_stands_in_the_table() -> None:
    assert {row[0] for row in TABLE} == {*FailureKind, BUG}


@pytest.mark.parametrize(
    ("provider", "doubts", "deaths", "over"),
    [
        ("email", 1, 1, False),
        ("email", 2, 0, True),
        ("slack", 400, 4, False),
        ("slack", 5, 5, True),
    ],
)
def test_attempt_too_many_is_not_made(provider: str, doubts: int, deaths: int, over: bool) -> None:
    message = make_claimed(provider=provider, doubts=doubts, deaths=deaths)

    assert (before_attempt(message) is not None) is over


@pytest.mark.parametrize("provider", ["slack", "email"])
def test_our_own_failure_after_the_work_is_doubtful(provider: str) -> None:
    verdict = after_failure(KeyError("x"), make_claimed(provider=provider), NOON, worked=True)

    assert isinstance(verdict, Retry)
    assert verdict.doubtful


def test_second_unknown_outcome_of_a_mail_is_dead() -> None:
    mail: dict[str, Any] = {"kind": "email.rep_paid", "provider": "email"}

    first = after_failure(failure(UNKNOWN), make_claimed(**mail), NOON, worked=False)
    second = after_failure(
        failure(UNKNOWN), make_claimed(**mail, attempt=2, doubts=1), NOON, worked=False
    )

    assert isinstance(first, Retry)
    assert isinstance(second, GiveUp)


@pytest.mark.parametrize(
    ("attempt", "least", "most"), [(1, 0.5, 1), (2, 1, 2), (5, 8, 16), (30, 450, 900)]
)
def test_wait_doubles_up_to_a_quarter_of_an_hour(attempt: int, least: float, most: float) -> None:
    waits = [backoff(attempt).total_seconds() for _ in range(50)]

    assert least <= min(waits)
    assert max(waits) <= most
    assert len(set(waits)) > 1


def test_wait_never_shrinks_for_long() -> None:
    longest = [max(backoff(attempt) for _ in range(50)) for attempt in range(1, 10)]

    assert all(later > earlier for earlier, later in pairwise(longest))


@pytest.mark.parametrize("kind", [RETRYABLE, UNKNOWN])
def test_vendors_retry_after_is_honoured(kind: FailureKind) -> None:
    verdict = after_failure(failure(kind, retry_after=120), make_claimed(), NOON, worked=False)

    assert isinstance(verdict, Retry)
    assert verdict.after == timedelta(seconds=120)


def test_short_retry_after_does_not_shorten_the_wait() -> None:
    error = failure(RETRYABLE, retry_after=0.1)

    verdict = after_failure(error, make_claimed(attempt=10), NOON, worked=False)

    assert isinstance(verdict, Retry)
    assert verdict.after >= timedelta(seconds=256)


def test_locked_out_account_is_asked_every_ten_minutes() -> None:
    mail = make_claimed(kind="email.invoice_paid", provider="email")

    assert after_failure(failure(AUTH), mail, NOON, worked=False) == Retry(
        timedelta(minutes=10), waits_for="stripe"
    )
