"""A seller's colour can be read wherever it stands."""

import pytest

from app.wording.colour import GROUND, contrast, is_colour, palette, suits_white_words


def test_contrast_is_that_of_the_guideline() -> None:
    assert contrast("#000000", "#ffffff") == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54


@pytest.mark.parametrize(("colour", "suits"), [("#767676", True), ("#777777", False)])
def test_white_words_need_four_and_a_half(colour: str, suits: bool) -> None:
    assert suits_white_words(colour) is suits


@pytest.mark.parametrize("text", ["", "red", "#fff", "#FFFFFF", "#14483d;", "#14483d\n", "14483d"])
def test_other_spellings_are_no_colour(text: str) -> None:
    assert not is_colour(text)


@pytest.mark.parametrize("colour", ["#14483d", "#767676", "#000000", "#c2185b", "#0061d5"])
def test_words_in_the_colour_can_be_read_on_the_page(colour: str) -> None:
    shades = palette(colour)

    assert contrast(shades["ink"], GROUND) >= 4.5
    assert contrast(shades["ink"], shades["tint"]) >= 4.5
    assert contrast(shades["deep"], "#ffffff") >= 4.5
