"""The preferences in a real browser: readable, usable on a phone and without JavaScript."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from app.accounts.roles import become_owner
from app.audit import US
from app.models import PortalStage, TeamChannel
from tests import factories
from tests.unit.test_uploads import SVG, document, picture
from tests.web.serving import on_a_port
from tests.web.test_customer_look import SMALL_TARGETS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from app.db import Database
    from app.models import Tenant

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def origin(environ: dict[str, str]) -> Iterator[str]:
    with on_a_port(environ) as url:
        yield url


@pytest.fixture
def page(browser: Browser, origin: str, database: Database, tenant: Tenant) -> Iterator[Page]:
    """The owner's window, which runs no JavaScript, on the page."""
    with database.writing(tenant.id) as session:
        become_owner(session, 7001, "dana@maison.example", US)
        session.add(portal_stage("default", "Pipeline des ventes", "contractsent"))
        session.add(portal_stage("renewals", "Renouvellements", "renewaldue"))
        session.add(
            TeamChannel(
                slack_channel_id="C1", name="ventes", is_member=True, read_at=factories.LONG_AGO
            )
        )
    context = browser.new_context(java_script_enabled=False)
    token = factories.make_session(database, tenant)
    context.add_cookies([{"name": "propale", "value": token, "url": origin}])
    opened = context.new_page()
    opened.goto(f"{origin}/preferences")
    yield opened
    context.close()


def portal_stage(pipeline: str, label: str, stage: str) -> PortalStage:
    return PortalStage(
        pipeline_id=pipeline,
        pipeline_label=label,
        hubspot_stage_id=stage,
        label=stage,
        read_at=factories.LONG_AGO,
    )


def photograph(page: Page, name: str) -> None:
    """Where `PICTURES` names a folder, keep a picture of the page there."""
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def send(page: Page, region: str, label: str, name: str, content: bytes) -> None:
    file = {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    page.get_by_label(label, exact=True).set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("region", name=region).get_by_role("button", name="Envoyer le fichier").click()


def test_page_is_wide_enough_and_no_wider(page: Page) -> None:
    for width in (1280, 360):
        page.set_viewport_size({"width": width, "height": 800})
        photograph(page, f"preferences-{width}")

        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert [html for html in page.evaluate(SMALL_TARGETS) if "checkbox" not in html] == []


def test_every_field_can_be_heard(browser: Browser, page: Page) -> None:
    context = browser.new_context()
    context.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    heard = context.new_page()
    heard.goto(page.url)

    assert Axe().run(heard).response["violations"] == []
    context.close()


def test_files_are_sent_and_seen_without_javascript(page: Page) -> None:
    send(page, "Votre image", "Logo", "logo.png", picture(size=(300, 90)))
    shown = page.get_by_role("img", name="Logo").bounding_box()
    send(page, "Vos conditions", "Conditions en PDF", "Conditions d’été.pdf", document())
    photograph(page, "preferences-files")

    assert shown
    assert shown["width"] > 100
    assert page.get_by_role("link", name="Conditions d’été.pdf").is_visible()
    assert page.get_by_role("status").inner_text() == "C’est enregistré."


def test_refused_file_is_said_at_its_field(page: Page) -> None:
    send(page, "Votre image", "Logo", "logo.png", SVG)
    page.set_viewport_size({"width": 360, "height": 800})
    photograph(page, "preferences-refused")

    wrong = page.locator("#logo-error")
    assert "n’est pas une image" in wrong.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_larger_file_than_taken_is_one_sentence(page: Page) -> None:
    send(page, "Votre image", "Logo", "logo.png", b"\0" * (3 * 1024 * 1024))

    assert "trop lourd" in page.locator("#logo-error").inner_text()


def test_pasted_text_that_is_too_long_is_kept_whole(page: Page) -> None:
    field = page.get_by_label("Conditions", exact=True)
    field.focus()
    page.keyboard.insert_text("x" * 20_001)

    page.locator("form[action*=terms]").get_by_role("button", name="Enregistrer").click()

    assert "trop long" in page.locator("#terms-error").inner_text()
    assert field.input_value().startswith("x" * 20_001)
