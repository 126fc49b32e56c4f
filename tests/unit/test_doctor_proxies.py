"""How many proxies stand in front, judged by what they pass on."""

import pytest

from app.doctor.address import CLAIMED, judge_proxies

VISITOR, INNER = "198.51.100.7", "10.0.0.2"


def is_wrong(trusted: int, passed: list[str]) -> bool:
    return judge_proxies({"trusted": trusted, "passed": passed}).is_wrong


@pytest.mark.parametrize(
    ("passed", "right"),
    [
        ([CLAIMED, VISITOR], 1),
        ([CLAIMED, VISITOR, INNER], 2),
        ([VISITOR], 1),  # the proxy throws away what the visitor claims
        ([VISITOR, INNER], 2),
    ],
)
def test_what_was_added_counts_the_proxies(passed: list[str], right: int) -> None:
    states = [is_wrong(trusted, passed) for trusted in range(4)]

    assert [number for number, wrong in enumerate(states) if not wrong] == [right]


@pytest.mark.parametrize("passed", [[], [CLAIMED]])
def test_proxy_that_adds_nothing_is_wrong_with_any_number(passed: list[str]) -> None:
    assert all(is_wrong(trusted, passed) for trusted in range(4))
