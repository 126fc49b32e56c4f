"""What the log says of an outage, however often it is noticed."""

from app.logs import get_logger
from app.outages import Outage
from tests.support.logs import Lines


def noticed(lines: Lines, seconds: range) -> list[int]:
    """After how many seconds it was said, where it was noticed at each of these."""
    at = 0
    outage = Outage(get_logger("tests"), "Redis", meanwhile="all goes on", now=lambda: float(at))
    for at in seconds:  # noqa: B007 - the outage reads it
        outage.goes_on("refused")
    at += 2
    outage.is_over()
    outage.is_over()
    return [line["seconds"] for line in lines.of("Redis is away; all goes on", error="refused")]


def test_outage_is_said_at_once_and_then_ever_more_rarely(lines: Lines) -> None:
    assert noticed(lines, range(0, 1000, 2)) == [0, 60, 180, 420, 900]


def test_long_outage_is_said_each_hour(lines: Lines) -> None:
    said = noticed(lines, range(0, 40_000, 2))

    assert said[-1] - said[-2] == 3600


def test_end_of_an_outage_is_said_once(lines: Lines) -> None:
    noticed(lines, range(0, 10, 2))

    assert [line["seconds"] for line in lines.of("Redis is back")] == [10]


def test_second_outage_is_said_at_once_again(lines: Lines) -> None:
    outage = Outage(get_logger("tests"), "Redis", meanwhile="all goes on")

    for _ in range(2):
        outage.goes_on("refused")
        outage.is_over()

    assert len(lines.of("Redis is away; all goes on")) == 2
