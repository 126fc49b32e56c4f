"""How a test went, for the fixtures that end after it."""

from __future__ import annotations

from collections.abc import Generator

import pytest

_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember how the test itself went."""
    report = yield
    if report.when == "call":
        item.stash[_FAILED] = report.failed
    return report


def has_failed(item: pytest.Item) -> bool:
    """Whether it failed, or never came to its own lines."""
    return item.stash.get(_FAILED, True)
