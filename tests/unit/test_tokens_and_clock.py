"""Tokens that cannot be guessed, and the two clocks."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from app.clock import Clock, wall_now
from app.proposals.send import end_of_day
from app.tokens import new_token, token_hash


def test_token_has_256_bits_and_fits_a_link() -> None:
    tokens = {new_token() for _ in range(100)}

    assert len(tokens) == 100
    assert all(
        len(token) == 43 and token.replace("-", "").replace("_", "").isalnum() for token in tokens
    )


def test_only_the_hash_of_a_token_is_kept() -> None:
    assert token_hash("abc") == hashlib.sha256(b"abc").hexdigest()
    assert token_hash("é") == hashlib.sha256("é".encode()).hexdigest()


def test_wall_time_is_in_utc() -> None:
    assert wall_now().tzinfo is UTC


def test_production_clock_is_the_wall() -> None:
    before = wall_now()

    assert before <= Clock().now() <= wall_now()


def test_moved_clock_is_read_at_each_call() -> None:
    offsets = iter([timedelta(0), timedelta(days=31)])
    clock = Clock(lambda: next(offsets))

    first, second = clock.now(), clock.now()

    assert timedelta(days=31) <= second - first < timedelta(days=31, seconds=5)


@pytest.mark.parametrize(
    ("day", "zone", "instant"),
    [
        ("2026-04-09", "Europe/Paris", "2026-04-09T21:59:59.999999"),  # summer
        ("2026-12-09", "Europe/Paris", "2026-12-09T22:59:59.999999"),
        ("2026-03-29", "Europe/Paris", "2026-03-29T21:59:59.999999"),  # the hour that is lost
        ("2026-12-09", "Asia/Tokyo", "2026-12-09T14:59:59.999999"),
        ("2026-12-09", "America/New_York", "2026-12-10T04:59:59.999999"),
    ],
)
def test_last_day_ends_where_the_tenant_lives(day: str, zone: str, instant: str) -> None:
    ends = end_of_day(date.fromisoformat(day), ZoneInfo(zone))

    assert ends.astimezone(UTC) == datetime.fromisoformat(instant).replace(tzinfo=UTC)
