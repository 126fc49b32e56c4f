"""`./propale test --stories [FOLDER]`: photograph every story into a folder, with a page of all."""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.stories.stage import stage
from tests.stories.states import WIDTHS, Story, stories
from tests.support import machine
from tests.support.browser import QUIET

USUAL = Path("test-results") / "stories"
SAYS_MORE = "before => document.querySelector('#card').innerText.trim() !== before.trim()"
WAITS_NO_MORE = "!document.querySelector('#card .hs-spinner')"
USAGE = "usage: ./propale test --stories [FOLDER]"


def main(words: list[str]) -> int:
    """Take the pictures; 0 when every card was shown, 1 when one failed, 2 for a wrong word."""
    if len(words) > 1 or any(word.startswith("-") for word in words):
        print(USAGE, file=sys.stderr)
        return 2
    folder = Path(words[0]) if words else USUAL
    folder.mkdir(parents=True, exist_ok=True)
    program = machine.chromium()
    if program is None:
        print("There is no Chromium: sudo apt install chromium", file=sys.stderr)
        return 1
    with sync_playwright() as playwright, stage() as address:
        browser = playwright.chromium.launch(executable_path=program, args=[*QUIET])
        failed = take_pictures(browser.new_page(), address, folder)
        browser.close()
    print(f"{2 * len(stories()) - len(failed)} pictures: {folder / 'index.html'}")
    for name in failed:
        print(f"not shown: {name}", file=sys.stderr)
    return 1 if failed else 0


def take_pictures(page: Page, address: str, folder: Path) -> list[str]:
    """One picture for each story and place; returns those that the host could not show."""
    names = [f"{story.name}-{place}" for story in stories() for place in WIDTHS]
    failed = []
    for story in stories():
        for place in WIDTHS:
            name = f"{story.name}-{place}"
            open_story(page, address, story, place)
            page.locator("#card").screenshot(path=folder / f"{name}.png")
            if page.locator(".hs-failure").count():
                failed.append(name)
    figures = (f'<figure><figcaption>{n}</figcaption><img src="{n}.png"></figure>' for n in names)
    index = "<!doctype html><meta charset=utf-8><title>Stories</title>" + "\n".join(figures)
    (folder / "index.html").write_text(index, encoding="utf-8")
    return failed


def open_story(page: Page, address: str, story: Story, place: str) -> None:
    """Show a story, and come back when the card says something and waits for nothing more."""
    page.goto(f"{address}/{place}/{story.name}")
    card = page.locator("#card")
    page.wait_for_function(SAYS_MORE, arg="")
    if not story.waits:
        page.wait_for_function(WAITS_NO_MORE)
    if story.press:
        before = card.inner_text()
        card.get_by_role("button", name=story.press).click()
        page.wait_for_function(SAYS_MORE, arg=before)
        page.wait_for_function(WAITS_NO_MORE)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
