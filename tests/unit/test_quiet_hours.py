"""Quiet hours end at the hour that the tenant's own clock shows."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from app.accounts.quiet import left_of_quiet

NIGHT = (time(22), time(7, 30))
NOON = (time(12), time(14))


@pytest.mark.parametrize(
    ("now", "hours", "zone", "minutes"),
    [
        ("2026-11-22T20:59", NIGHT, "Europe/Paris", 0),
        ("2026-11-22T21:00", NIGHT, "Europe/Paris", 570),  # ten in the evening there
        ("2026-11-22T23:30", NIGHT, "Europe/Paris", 420),  # past midnight there
        ("2026-11-23T06:29", NIGHT, "Europe/Paris", 1),
        ("2026-11-23T06:30", NIGHT, "Europe/Paris", 0),
        ("2026-11-22T11:00", NOON, "Europe/Paris", 120),
        ("2026-11-22T13:00", NOON, "Europe/Paris", 0),
        ("2026-11-22T21:00", NOON, "Europe/Paris", 0),
        ("2026-11-22T12:00", NIGHT, "Pacific/Auckland", 390),
        ("2026-03-28T21:00", NIGHT, "Europe/Paris", 510),  # the night that is an hour shorter
        ("2026-10-24T20:00", NIGHT, "Europe/Paris", 630),  # the one that is an hour longer
    ],
)
def test_what_may_wait_waits_until_the_morning(
    now: str, hours: tuple[time, time], zone: str, minutes: int
) -> None:
    there = datetime.fromisoformat(now).replace(tzinfo=UTC).astimezone(ZoneInfo(zone))

    assert left_of_quiet(there, *hours).total_seconds() == minutes * 60
