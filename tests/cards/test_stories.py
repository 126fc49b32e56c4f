"""The stories of the card: all of its states are among them, and the host shows each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, expect

from tests.stories import __main__ as command
from tests.stories.__main__ import open_story, take_pictures
from tests.stories.stage import stage
from tests.stories.states import CARDS, WIDTHS, stories

FEW = ("loading", "ready", "settings")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with stage() as at:
        yield at


def test_every_state_of_the_api_has_a_story() -> None:
    schema = json.loads((CARDS / "card-api.schema.json").read_text(encoding="utf-8"))

    told = {story.answer.get("state") for story in stories()}

    assert set(schema["$defs"]["View"]["properties"]["state"]["enum"]) <= told


@pytest.mark.parametrize("name", FEW)
def test_story_is_shown_in_the_sidebar(
    new_context: Callable[..., BrowserContext], address: str, name: str
) -> None:
    page = new_context().new_page()
    [story] = [one for one in stories() if one.name == name]

    open_story(page, address, story, "sidebar")

    assert page.locator(".hs-failure").count() == 0
    assert page.locator("#card").inner_text().strip()
    assert page.evaluate("document.documentElement.scrollWidth") <= page.evaluate("innerWidth")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("withdrawing", "Retirer cette proposition"),
        ("sign_in_link", "Ouvrir Propale dans un nouvel onglet"),
        ("settings_link", "Mon espace Propale"),
        ("settings_refused", "Propale n’a pas ouvert votre espace"),
        ("no_address", "Propale n’est pas configuré"),
        ("settings_no_address", "Propale n’a pas d’adresse"),
    ],
)
def test_state_behind_a_button_or_a_profile_is_reached(
    new_context: Callable[..., BrowserContext], address: str, name: str, said: str
) -> None:
    page = new_context().new_page()
    [story] = [one for one in stories() if one.name == name]

    open_story(page, address, story, "tab")

    expect(page.locator("#card")).to_contain_text(said)


@pytest.mark.long
def test_all_stories_are_photographed(
    new_context: Callable[..., BrowserContext], address: str, tmp_path: Path
) -> None:
    failed = take_pictures(new_context().new_page(), address, tmp_path)

    assert failed == []
    assert len(list(tmp_path.glob("*.png"))) == len(stories()) * len(WIDTHS)


@pytest.mark.parametrize("words", [["--all"], ["a", "b"]])
def test_wrong_words_are_answered_with_the_usage(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(words) == 2
    assert capsys.readouterr().err == f"{command.USAGE}\n"
