"""Both languages say the same things, and the code asks for nothing they lack."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from app.language import FOLDER, LANGUAGES, catalogue, say, supported
from tests.test_architecture import nodes
from workers.handlers import HANDLERS

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*(ROOT / "app").rglob("*.py"), *(ROOT / "workers").rglob("*.py")])


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def asked_keys() -> Iterator[tuple[str, str, bool]]:
    """Each key that code asks for: where, the key or its beginning, whether it is whole."""
    for module in (path.relative_to(ROOT).as_posix() for path in SOURCES):
        for node in nodes(module):
            if isinstance(node, ast.Call) and _name(node.func) == "say" and len(node.args) > 1:
                yield from _keys(module, node.args[1])


def _name(func: ast.expr) -> str:
    return func.id if isinstance(func, ast.Name) else getattr(func, "attr", "")


def _keys(where: str, key: ast.expr) -> Iterator[tuple[str, str, bool]]:
    if isinstance(key, ast.Constant):
        yield where, str(key.value), True
    elif isinstance(key, ast.IfExp):
        yield from _keys(where, key.body)
        yield from _keys(where, key.orelse)
    elif isinstance(key, ast.JoinedStr) and isinstance(key.values[0], ast.Constant):
        yield where, str(key.values[0].value), False


ASKED = sorted(set(asked_keys()))


def test_both_languages_have_the_same_keys() -> None:
    assert set(catalogue("fr")) == set(catalogue("en"))


def test_both_languages_have_the_same_files() -> None:
    files = [{path.name for path in (FOLDER / language).iterdir()} for language in LANGUAGES]

    assert files[0] == files[1]


def test_both_languages_fill_in_the_same_names() -> None:
    french, english = catalogue("fr"), catalogue("en")
    unlike = [key for key in french if placeholders(french[key]) != placeholders(english[key])]

    assert unlike == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_there_without_blanks_around(language: str) -> None:
    sentences = catalogue(language).items()

    assert [key for key, text in sentences if not text or text.strip() != text] == []


def test_every_kind_of_message_has_its_meaning() -> None:
    meant = {key.removeprefix("kind.") for key in catalogue("fr") if key.startswith("kind.")}

    assert meant == set(HANDLERS)


def test_walk_finds_the_code_that_speaks() -> None:
    assert len(ASKED) > 40
    assert ("app/proposals/request.py", "card.proposal_open", True) in ASKED


def test_asked_sentences_exist() -> None:
    words = catalogue("fr")
    missing = [
        (where, key)
        for where, key, whole in ASKED
        if not (key in words if whole else any(known.startswith(key) for known in words))
    ]

    assert missing == []


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [("fr", "fr"), ("fr-CA", "fr"), ("FR", "fr"), ("en-GB", "en"), ("de", "en"), ("", "en")],
)
def test_unknown_language_is_english(asked: str, spoken: str) -> None:
    assert supported(asked) == spoken


def test_names_are_filled_in_as_they_are() -> None:
    said = say("fr", "preflight.price_missing", line="{0} <b>Café</b>")

    assert "{0} <b>Café</b>" in said


def test_missing_sentence_is_an_error() -> None:
    with pytest.raises(KeyError):
        say("fr", "card.no_such_sentence")
