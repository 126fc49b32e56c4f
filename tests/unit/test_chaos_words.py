"""What may stand behind `./propale test --chaos`."""

from __future__ import annotations

import pytest

from tests.chaos.__main__ import USAGE, asked, main


@pytest.mark.parametrize(
    ("words", "meant"),
    [(["20", "--seed", "7"], (20.0, 7)), (["0.5", "--seed", "0"], (0.5, 0))],
)
def test_seconds_and_seed_are_read(words: list[str], meant: tuple[float, int]) -> None:
    assert asked(words) == meant


def test_seed_is_drawn_unless_it_is_given() -> None:
    assert len({asked(["20"])[1] for _ in range(20)}) > 1


@pytest.mark.parametrize(
    "words",
    [[], ["soon"], ["0"], ["-3"], ["nan"], ["inf"], ["20", "7"], ["20", "--seed"],
     ["20", "--seed", "x"], ["20", "--seed", "1", "2"], ["20", "--sea", "1"]],
)  # fmt: skip
def test_other_words_end_in_one_sentence(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2

    assert capsys.readouterr() == ("", f"{USAGE}\n")
