"""The retry policy: kind of failure, attempt and age decide, nothing else."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from app.errors import FailureKind, ProviderError
from tests.values import NOON, make_claimed
from workers.jobs import (
    GiveUp,
    NotYetError,
    Retry,
    StrangeKindError,
    after_failure,
    backoff,
    before_attempt,
)

RETRYABLE, UNKNOWN = FailureKind.RETRYABLE, FailureKind.UNKNOWN_OUTCOME
AUTH, PERMANENT = FailureKind.AUTH, FailureKind.PERMANENT
CONFIGURATION, BLOCKED = FailureKind.CONFIGURATION, FailureKind.BLOCKED
BUG = None


def failure(kind: FailureKind | None, retry_after: float | None = None) -> Exception:
    if kind is None:
        return KeyError("a bug of ours")
    return ProviderError("stripe", kind, "it did not work", retry_after=retry_after)


# kind, doubts before, hours since it began to fail -> again, dead; doubtful
TABLE = [
    (RETRYABLE, 0, 0, "again"),
    (RETRYABLE, 0, 19, "again"),
    (RETRYABLE, 0, 21, "dead"),
    (UNKNOWN, 0, 0, "doubtful"),
    (UNKNOWN, 3, 0, "doubtful"),
    (UNKNOWN, 49, 0, "doubtful"),
    (UNKNOWN, 0, 21, "dead"),
    (AUTH, 0, 0, "again"),
    (AUTH, 0, 21, "again"),
    (CONFIGURATION, 0, 0, "again"),
    (CONFIGURATION, 0, 21, "again"),
    (BLOCKED, 0, 0, "again"),
    (BLOCKED, 0, 21, "again"),
    (PERMANENT, 0, 0, "dead"),
    (BUG, 0, 0, "again"),
    (BUG, 0, 21, "again"),
]


@pytest.mark.parametrize(("kind", "doubts", "hours", "verdict"), TABLE)
def test_failure_meets_its_verdict(
    kind: FailureKind | None, doubts: int, hours: int, verdict: str
) -> None:
    message = make_claimed(provider="stripe", doubts=doubts, failing_since=NOON)

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
    ("failing", "least", "most"), [(0, 0.5, 1), (2, 1, 2), (16, 8, 16), (90_000, 450, 900)]
)
def test_wait_doubles_up_to_a_quarter_of_an_hour(failing: int, least: float, most: float) -> None:
    waits = [backoff(timedelta(seconds=failing)).total_seconds() for _ in range(50)]

    assert least <= min(waits)
    assert max(waits) <= most
    assert len(set(waits)) > 1


@pytest.mark.parametrize("kind", [RETRYABLE, UNKNOWN])
def test_vendors_retry_after_is_honoured(kind: FailureKind) -> None:
    verdict = after_failure(failure(kind, retry_after=120), make_claimed(), NOON, worked=False)

    assert isinstance(verdict, Retry)
    assert verdict.after == timedelta(seconds=120)


def test_lost_call_that_may_come_late_is_not_looked_for_before() -> None:
    late = ProviderError("slack", FailureKind.UNKNOWN_OUTCOME, "No answer.", late_seconds=20)

    verdict = after_failure(late, make_claimed(), NOON, worked=False)

    assert isinstance(verdict, Retry)
    assert verdict.after == timedelta(seconds=20)


def test_short_retry_after_does_not_shorten_the_wait() -> None:
    failing = make_claimed(failing_since=NOON - timedelta(seconds=512))

    verdict = after_failure(failure(RETRYABLE, retry_after=0.1), failing, NOON, worked=False)

    assert isinstance(verdict, Retry)
    assert verdict.after >= timedelta(seconds=256)


def test_locked_out_account_is_asked_every_ten_minutes() -> None:
    mail = make_claimed(kind="email.invoice_paid", provider="email")

    assert after_failure(failure(AUTH), mail, NOON, worked=False) == Retry(
        timedelta(minutes=10), NOON, waits_for="stripe"
    )


def test_refused_configuration_is_no_reason_to_reconnect() -> None:
    verdict = told(failure(CONFIGURATION))

    assert verdict == Retry(timedelta(minutes=5), NOON, waits_for="stripe.configuration")


def test_wait_for_a_message_of_ours_never_gives_up() -> None:
    first = told(NotYetError("hubspot.create_properties"))
    later = told(
        NotYetError("hubspot.create_properties"),
        NOON + timedelta(days=40),
        failing_since=NOON,
        waits_for="hubspot.create_properties",
    )

    assert (
        first == later == Retry(timedelta(minutes=1), NOON, waits_for="hubspot.create_properties")
    )


def told(error: Exception, now: datetime = NOON, **message: Any) -> Retry | GiveUp:
    return after_failure(error, make_claimed(provider="stripe", **message), now, worked=False)


def test_message_that_waited_days_for_a_worker_is_not_given_up() -> None:
    verdict = told(failure(RETRYABLE), created_at=NOON - timedelta(days=3))

    assert isinstance(verdict, Retry)
    assert verdict.failing_since == NOON


def test_days_locked_out_do_not_count_as_failing() -> None:
    locked_out = NOON - timedelta(days=3)

    verdict = told(failure(RETRYABLE), failing_since=locked_out, waits_for="stripe")

    assert isinstance(verdict, Retry)
    assert (verdict.failing_since, verdict.after) <= (NOON, timedelta(seconds=1))


@pytest.mark.parametrize(("days", "verdict"), [(29, Retry), (31, GiveUp)])
def test_reconnecting_may_take_a_month(days: int, verdict: type) -> None:
    since = NOON - timedelta(days=days)

    assert isinstance(told(failure(AUTH), failing_since=since, waits_for="stripe"), verdict)


def test_lock_out_after_failures_begins_its_own_month() -> None:
    verdict = told(failure(AUTH), failing_since=NOON - timedelta(days=40))

    assert isinstance(verdict, Retry)
    assert verdict.failing_since == NOON


@pytest.mark.parametrize(("bugs", "verdict"), [(0, Retry), (3, Retry), (4, GiveUp)])
def test_only_bugs_use_up_the_tries_of_a_bug(bugs: int, verdict: type) -> None:
    found = told(failure(BUG), attempt=100, bugs=bugs)

    assert isinstance(found, verdict)
    assert not isinstance(found, Retry) or found.bug


OUTAGES = [
    OperationalError("UPDATE", None, Exception("deadlock detected")),
    NoConnectionError("all connections are in use"),
    DBAPIError("UPDATE", None, Exception("closed"), connection_invalidated=True),
]


@pytest.mark.parametrize("error", OUTAGES, ids=["lock", "pool", "cut"])
def test_database_that_is_away_is_no_bug(error: Exception) -> None:
    early = told(error, bugs=4, failing_since=NOON - timedelta(hours=19))
    late = told(error, failing_since=NOON - timedelta(hours=21))

    assert isinstance(early, Retry)
    assert not early.bug
    assert isinstance(late, GiveUp)
    assert late.reason.key == "ours"


def test_broken_rule_of_the_database_is_a_bug() -> None:
    verdict = told(IntegrityError("INSERT", None, Exception("unique")))

    assert isinstance(verdict, Retry)
    assert verdict.bug


@pytest.mark.parametrize(("hours", "verdict"), [(0, Retry), (23, Retry), (25, GiveUp)])
def test_strange_kind_is_left_to_others_for_a_day(hours: int, verdict: type) -> None:
    since = NOON - timedelta(hours=hours)

    found = told(StrangeKindError("email.new"), attempt=500, failing_since=since)

    assert isinstance(found, verdict)
    assert not isinstance(found, Retry) or found.after >= timedelta(minutes=1)
