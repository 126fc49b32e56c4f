"""What the product logs while a test runs."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import structlog
from structlog.testing import LogCapture

from app.trail import add_trail

Line = dict[str, Any]


@dataclass
class Lines:
    """Our own lines of every level, oldest first, each with its trail."""

    captured: LogCapture = field(default_factory=LogCapture)

    def of(self, event: str, **wanted: object) -> list[Line]:
        """Those of an event that say this."""
        found = (dict(line) for line in self.captured.entries if line["event"] == event)
        return [line for line in found if wanted.items() <= line.items()]


@contextmanager
def logging_put_back() -> Iterator[None]:
    """Inside the block a test may set up logging as a process does."""
    before, root = structlog.get_config(), logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    try:
        yield
    finally:
        structlog.configure(**before)
        root.setLevel(level)
        root.handlers[:] = handlers


@pytest.fixture
def lines() -> Iterator[Lines]:
    before, lines = structlog.get_config(), Lines()
    structlog.configure(
        processors=[add_trail, lines.captured],
        wrapper_class=structlog.make_filtering_bound_logger("DEBUG"),
        cache_logger_on_first_use=False,
    )
    yield lines
    structlog.configure(**before)
