"""One product for all browser tests, and its people; tests make deals of their own instead of
starting it anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.people import Customer, Deal, NewContext, Rep, make_deal
from tests.e2e.windows import Windows
from tests.support.product import Product, keep_logs, make_product, start_product

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Playwright


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pictures", help="a folder that gets a picture of every main station")


@pytest.fixture(scope="session")
def product(
    redis_server: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Product]:
    """The whole product on real processes with a real Redis, installed in portal 148111."""
    made = make_product(tmp_path_factory.mktemp("product"), None, redis_server)
    try:
        start_product(made)
        yield made
    finally:
        made.processes.stop()
        if request.session.testsfailed:
            keep_logs(made, "browser")


@pytest.fixture
def windows(product: Product) -> Iterator[Windows]:
    """The sandbox's windows; no fault that one test armed meets the next one."""
    shown = Windows(product)
    yield shown
    shown.calm()


@pytest.fixture(scope="session", autouse=True)
def test_ids(playwright: Playwright) -> None:
    """Name test ids as the card does."""
    playwright.selectors.set_test_id_attribute("data-test-id")


@dataclass
class Complaints:
    """What browsers complained about: policies that were broken, scripts that failed."""

    said: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        context.on("console", self._heard)
        context.on("weberror", lambda error: self.said.append(str(error.error)))

    def _heard(self, message: ConsoleMessage) -> None:
        # A page that is *meant* to be 404 or 409 is no complaint.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.said.append(message.text)


@pytest.fixture
def complaints() -> Iterator[Complaints]:
    """No browser of the test may complain about a page."""
    heard = Complaints()
    yield heard
    assert heard.said == []


@pytest.fixture
def browser_of(new_context: NewContext, complaints: Complaints) -> NewContext:
    """A browser of somebody's own: `browser_of(java_script_enabled=False)`."""

    def make(**wishes: Any) -> BrowserContext:
        size = {"width": 1280, "height": 900}
        context = new_context(**{"locale": "fr-FR", "viewport": size, **wishes})
        context.set_default_timeout(15_000)
        complaints.watch(context)
        return context

    return make


@pytest.fixture
def rep(browser_of: NewContext, windows: Windows) -> Rep:
    return Rep(browser_of().new_page(), windows)


@pytest.fixture
def customer(browser_of: NewContext, windows: Windows) -> Callable[..., Customer]:
    """A customer by her address: `customer(email, java_script_enabled=False)`."""

    def make(email: str, **wishes: Any) -> Customer:
        context = browser_of(**wishes)
        return Customer(context, windows, email, context.new_page())

    return make


@pytest.fixture
def offer(
    rep: Rep, customer: Callable[..., Customer], windows: Windows
) -> Callable[..., tuple[Deal, Customer]]:
    """A proposal that was sent, the customer before its page: `offer(*lines, **of_the_deal)`.

    With `scripts=False` in a browser that runs none.
    """

    def make(
        *lines: dict[str, str], scripts: bool = True, **overrides: Any
    ) -> tuple[Deal, Customer]:
        deal = make_deal(windows, *lines, **overrides)
        buyer = customer(deal.email, java_script_enabled=scripts)
        rep.open_deal(deal.id)
        rep.send()
        buyer.open_proposal()
        return deal, buyer

    return make


@pytest.fixture
def picture(request: pytest.FixtureRequest) -> Callable[[Page, str], None]:
    """Keep a picture of a page under a name, where `--pictures` asks for them."""
    folder = request.config.getoption("--pictures", default=None)

    def take(page: Page, name: str) -> None:
        if folder:
            test = re.sub(r"\W+", "-", request.node.name).strip("-")
            page.screenshot(path=Path(folder) / f"{test}-{name}.png", full_page=True)

    return take
