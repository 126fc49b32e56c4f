"""What every page has to keep: readable by all, no wider than a small phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Page

PHONE = {"width": 360, "height": 740}
SMALLEST_TARGET = 44


def grave_findings(page: Page, part: str | None = None) -> list[str]:
    """What axe finds serious or critical on the page, or in the part a selector names."""
    found = Axe().run(page, context=part).response["violations"]
    return [
        f"{violation['id']}: {violation['help']} {[node['html'] for node in violation['nodes']]}"
        for violation in found
        if violation["impact"] in {"serious", "critical"}
    ]


def fits(page: Page) -> bool:
    """Whether a phone shows it without scrolling sideways; leaves the page that narrow."""
    page.set_viewport_size({"width": PHONE["width"], "height": PHONE["height"]})
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def small_targets(page: Page) -> list[str]:
    """Buttons that are too small for a thumb."""
    return [
        button.inner_text()
        for button in page.locator("button:visible, a.button:visible").all()
        if (box := button.bounding_box()) and min(box["width"], box["height"]) < SMALLEST_TARGET
    ]
