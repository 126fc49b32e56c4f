"""The test frame: fixtures by subject in tests/support, marks, and what pytest says at its head."""

from __future__ import annotations

import os

import pytest

from tests.support import machine

pytest_plugins = [
    "tests.support.outcome",
    "tests.support.environ",
    "tests.support.logs",
    "tests.support.postgres",
    "tests.support.redis",
    "tests.support.tls",
    "tests.support.databases",
    "tests.support.sandbox",
    "tests.support.browser",
    "tests.support.product",
]

_MARKS = {
    "live": "runs against a vendor's test account; chosen with -m live",
    "long": "takes minutes; chosen with --long",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the tests marked `long` too")


def pytest_configure(config: pytest.Config) -> None:
    # The processes that tests start again and again are to find their byte code.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    for name, meaning in _MARKS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the live and the long tests unless they were asked for."""
    left_out = set() if config.getoption("--long") else {"long"}
    if "live" not in config.getoption("markexpr"):
        left_out.add("live")
    chosen = [item for item in items if not left_out & {mark.name for mark in item.iter_markers()}]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen


def pytest_report_header() -> list[str]:
    """Say which servers the tests of this run will meet."""
    return machine.describe()
