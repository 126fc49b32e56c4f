"""The pages in a real browser: light, readable on a phone, usable by everybody, no JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests import factories
from tests.web.serving import on_a_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

    from app.db import Database
    from app.models import Tenant

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
# A phone sees every page, a wide window every third one, and with `--long` all.
WINDOWS = [(360, 1), (1280, 3), pytest.param(1280, 1, marks=pytest.mark.long)]
SMALL_TEXT = """() => [...document.body.querySelectorAll('*')].filter(
  e => e.textContent.trim() && parseFloat(getComputedStyle(e).fontSize) < 16).length"""
SMALL_TARGETS = """() => [...document.querySelectorAll('a,button,summary,select,textarea,input')]
  .map(e => [e, e.getBoundingClientRect()])
  .filter(([e, box]) => box.height && box.height < 44 && !e.matches('.unseen'))
  .map(([e]) => e.outerHTML)"""
LONG = "<b>" + "W" * 10_000 + "\u202e🦊"


@pytest.fixture
def origin(environ: dict[str, str]) -> Iterator[str]:
    """The product's web side on a port, under its own address."""
    with on_a_port(environ) as url:
        yield url


@pytest.fixture
def look(browser: Browser) -> Iterator[Callable[[int], Page]]:
    """A browser window of that width."""
    contexts = []

    def open_page(width: int) -> Page:
        contexts.append(browser.new_context(viewport={"width": width, "height": 800}))
        return contexts[-1].new_page()

    yield open_page
    for context in contexts:
        context.close()


def paths(database: Database, tenant: Tenant) -> list[str]:
    """An offer, one full of long hostile text, a failed payment, a waiting page, the copy."""
    lines = [
        factories.make_line(quantity="2", discount_percentage="10"),
        factories.make_line(frequency="", name="Mise en service"),
    ]
    content = factories.make_document(lines, company=factories.make_company())
    hostile = factories.make_document(
        [factories.make_line(name=LONG, description=LONG)],
        deal_name=LONG,
        company=factories.make_company(name=LONG),
        seller={"name": LONG, "address": LONG, "terms": LONG},
    )
    offers = [factories.make_proposal(database, tenant, content=c) for c in (content, hostile)]
    failed, waiting = (factories.make_proposal(database, tenant) for _ in range(2))
    factories.make_purchase(database, failed, status="failed")
    factories.make_purchase(database, waiting)
    return [
        *(f"/p/{factories.token_of(offer)}" for offer in (*offers, failed)),
        f"/p/{factories.token_of(waiting)}?go=1",
        "/p/unknown",
        f"/d/{offers[0].public_id}",
        "/connections",
    ]


@pytest.mark.parametrize(("width", "every"), WINDOWS)
def test_pages_fit_and_are_open_to_everybody(
    look: Callable[[int], Page],
    origin: str,
    database: Database,
    tenant: Tenant,
    *,
    width: int,
    every: int,
) -> None:
    page = look(width)
    cookie = factories.make_session(database, tenant)
    page.context.add_cookies([{"name": "propale", "value": cookie, "url": origin}])
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))

    for path in paths(database, tenant)[::every]:
        page.goto("about:blank")  # or the page before would ask again meanwhile
        requests.clear()
        answer = page.goto(origin + path)

        assert answer
        assert requests == [origin + path]
        assert len(answer.body()) <= 60_000
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(SMALL_TEXT) == 0
        assert page.evaluate(SMALL_TARGETS) == []
        assert Axe().run(page).response["violations"] == []


def test_forms_work_without_javascript(
    browser: Browser, origin: str, database: Database, tenant: Tenant
) -> None:
    proposal = factories.make_proposal(database, tenant)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()

    page.goto(f"{origin}/p/{factories.token_of(proposal)}")
    page.get_by_text("Décliner la proposition", exact=True).click()
    page.get_by_label("Votre raison (facultatif)").fill("Une autre fois")
    page.get_by_role("button", name="Je décline la proposition").click()

    assert page.get_by_role("heading", name="Vous avez décliné cette proposition").is_visible()
    context.close()


def test_waiting_page_asks_again_without_javascript(
    browser: Browser, origin: str, database: Database, tenant: Tenant
) -> None:
    proposal = factories.make_proposal(database, tenant)
    factories.make_purchase(database, proposal)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()

    page.goto(f"{origin}/p/{factories.token_of(proposal)}?go=1")
    page.wait_for_url("**?go=2", timeout=8000)

    assert page.get_by_role("heading", name="Un instant…").is_visible()
    context.close()
