"""The browser of pytest-playwright: the machine's own Chromium, kept off the network."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import machine

_QUIET = (
    "--no-sandbox",  # root, and containers without user namespaces
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Start the installed Chromium, or skip with a reason that says it is missing."""
    program = machine.chromium()
    if program is None:
        pytest.skip("no chromium: sudo apt install chromium")
    return {**browser_type_launch_args, "executable_path": str(program), "args": [*_QUIET]}
