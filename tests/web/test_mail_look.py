"""A mail in a real browser: no wider than a phone, its figures in one piece."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.wording.mails import render
from tests.unit.wording.test_mails import FACTS

if TYPE_CHECKING:
    from playwright.sync_api import Browser

AMOUNT, DAY = "1\u202f440,00\u00a0EUR", "22\u00a0décembre\u00a02026"


@pytest.mark.parametrize("width", [600, 320])
def test_mail_fits_a_phone_and_cuts_no_figure(browser: Browser, width: int) -> None:
    words = {**FACTS, "due_now": AMOUNT, "valid_until": "2026-12-22", "seller_name": "W" * 150}
    page = browser.new_page(viewport={"width": width, "height": 800})

    page.set_content(render("proposal_sent", "fr", words).html)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for figure in (AMOUNT, DAY):
        shown = page.get_by_text(figure, exact=True)
        assert shown.evaluate("cell => cell.getClientRects().length") == 1
    page.close()
