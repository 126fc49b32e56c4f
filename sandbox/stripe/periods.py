"""Billing periods on the calendar: the anchor's day of the month, clamped to shorter months.

https://docs.stripe.com/billing/subscriptions/billing-cycle
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MONTHS = {"month": 1, "year": 12}
_FEBRUARY = 2


def boundary(anchor: int, interval: str, count: int, number: int) -> int:
    """The end of the `number`-th period after the anchor, in Unix seconds (number 0: the anchor).

    Always counted from the anchor, so that 31 January gives 28 February and then 31 March.
    """
    start = datetime.fromtimestamp(anchor, UTC)
    if interval in _MONTHS:
        return int(_plus_months(start, _MONTHS[interval] * count * number).timestamp())
    days = {"day": 1, "week": 7}[interval] * count * number
    return int((start + timedelta(days=days)).timestamp())


def period_at(anchor: int, interval: str, count: int, moment: int) -> tuple[int, int]:
    """Start and end of the period that contains `moment` (not before the anchor)."""
    number = 0
    while boundary(anchor, interval, count, number + 1) <= moment:
        number += 1
    return (
        boundary(anchor, interval, count, number),
        boundary(anchor, interval, count, number + 1),
    )


def _plus_months(start: datetime, months: int) -> datetime:
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return start.replace(year=year, month=month + 1, day=min(start.day, _last(year, month + 1)))


def _last(year: int, month: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == _FEBRUARY and leap else _DAYS[month - 1]
