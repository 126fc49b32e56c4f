"""Named points at which a test may end the process; in production each is a call that does nothing.

They stand on both sides of every commit and of every vendor's call, inside the doors through which
all of these go, so a new use case or call has them without asking.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

_passed: Callable[[str], None] | None = None


def failpoint(name: str) -> None:
    """Pass a point. What the test armed may raise a BaseException that nobody catches: a death."""
    if _passed is not None:
        _passed(name)


@contextmanager
def armed(passed: Callable[[str], None]) -> Iterator[None]:
    """Have `passed` called with the name of each point, in whatever thread passes it."""
    global _passed  # noqa: PLW0603  one process, one plan for its death
    before, _passed = _passed, passed
    try:
        yield
    finally:
        _passed = before
