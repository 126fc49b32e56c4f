"""The browser of pytest-playwright: the machine's own Chromium, kept off the network."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import machine
from tests.support.outcome import has_failed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext

PICTURES = Path(__file__).parents[2] / "test-results" / "pictures"

QUIET = (
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
    return {**browser_type_launch_args, "executable_path": str(program), "args": [*QUIET]}


@pytest.fixture
def new_context(
    browser: Browser, request: pytest.FixtureRequest
) -> Iterator[Callable[..., BrowserContext]]:
    """A maker of browsers of one's own: `new_context(locale="fr-FR")`; all end with the test.

    After a failure their pages are photographed. (The plugin's own fixture, which this replaces,
    photographs every page of every test before it knows.)
    """
    contexts: list[BrowserContext] = []

    def make(**wishes: Any) -> BrowserContext:
        contexts.append(browser.new_context(**wishes))
        return contexts[-1]

    yield make
    for number, context in enumerate(contexts):
        if has_failed(request.node):
            _photograph(context, re.sub(r"\W+", "-", f"{request.node.name}-{number}"))
        context.close()


def _photograph(context: BrowserContext, name: str) -> None:
    for number, page in enumerate(context.pages):
        page.screenshot(path=PICTURES / f"{name}-{number}.png", timeout=5_000)
