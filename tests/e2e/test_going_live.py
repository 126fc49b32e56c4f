"""Going live: the guide followed word by word, and its pictures."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.people import Customer, NewContext, Rep, make_deal
from tests.e2e.windows import SLOW, Windows

ROOT = Path(__file__).parents[2]
APART = ["unshare", "--net", "--mount", "--propagation", "private"]


VIEW = "/hubspot-app/record-customization/{portal}/views/0-3/default"


def can_be_apart() -> bool:
    """Whether this machine lets us have a network and mounts of our own."""
    return not subprocess.run([*APART, "true"], capture_output=True, check=False).returncode


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_guide_leads_to_a_paid_proposal(tmp_path: Path) -> None:
    """The doctor is green at the end of each step and of the whole, and red when it is broken."""
    if not can_be_apart():
        pytest.skip("no network of one's own: needs root")

    ended = subprocess.run(
        [*APART, sys.executable, "-m", "tests.rehearsal", tmp_path],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0, ended.stdout[-5000:] + ended.stderr[-3000:]


def test_pictures_of_the_guide(
    browser_of: NewContext,
    rep: Rep,
    customer: Callable[..., Customer],
    windows: Windows,
    request: pytest.FixtureRequest,
) -> None:
    """What the guide shows is there; `--pictures docs/images` takes its pictures anew."""
    folder = request.config.getoption("--pictures", default=None)

    def picture(page: Page, name: str) -> None:
        if folder:
            page.screenshot(path=Path(folder) / f"going-live-{name}.png")

    page = browser_of().new_page()
    page.goto(f"{windows.product.url}/install")
    page.get_by_label("Compte et personne").select_option("148111/7001")
    picture(page, "consent")
    page.get_by_role("button", name="Connecter l’application").click()
    page.wait_for_url("**/connections*")
    picture(page, "connections")
    page.goto(f"{windows.product.url}/preferences")
    expect(page.get_by_role("heading").first).to_be_visible()
    picture(page, "preferences")

    page.goto(f"{windows.product.sandbox_url}{VIEW.format(portal=148111)}")
    page.get_by_role("link", name="Ajouter des cartes").click()
    expect(page.get_by_role("button", name="Ajouter")).to_be_visible()
    picture(page, "view")

    deal = make_deal(windows)
    rep.open_deal(deal.id)
    expect(rep.button).to_be_visible(timeout=SLOW * 1000)
    picture(rep.page, "deal")
    rep.send()
    buyer = customer(deal.email)
    buyer.open_proposal()
    picture(buyer.page, "proposal")


def test_card_is_placed_in_the_sidebar_too(browser_of: NewContext, windows: Windows) -> None:
    """As the guide says, in an account that has not installed the app: both cards tell so."""
    page = browser_of().new_page()
    page.goto(f"{windows.product.sandbox_url}{VIEW.format(portal=148222)}")
    page.get_by_role("link", name="Ajouter des cartes").click()
    page.get_by_role("button", name="Ajouter").click()
    page.get_by_role("link", name="Enregistrer et quitter").click()
    page.get_by_role("listitem").get_by_role("link").first.click()

    for card in "#card", "#sidebar-card":
        expect(page.locator(card)).to_contain_text("Propale", timeout=SLOW * 1000)
