"""The doctor's own words: every finding has its sentence, and what is wrong its advice."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from app.commands import __main__ as commands
from app.doctor.walk import STEPS
from app.language import catalogue
from tests.support.doctor import LIVE

ROOT = Path(__file__).parents[2]
# Beside the doctor's own modules, those whose words he passes on as what was found.
BELOW = (
    "app/migrate.py",
    "app/providers/public_address.py",
    "app/providers/mailer.py",
    "app/accounts/check_stripe.py",
)
SOURCES = [*(ROOT / path for path in BELOW), *sorted((ROOT / "app/doctor").glob("*.py"))]
SENTENCE = re.compile(r"doctor\.(\w+)\.(\w+)\.(\w+)")
SENTENCES = sorted(filter(None, map(SENTENCE.fullmatch, catalogue("en"))), key=str)


def strings(node: ast.AST) -> set[str]:
    constants = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant))
    return {value for value in constants if isinstance(value, str)}


SPOKEN = set.union(*(strings(ast.parse(path.read_text(encoding="utf-8"))) for path in SOURCES))


@pytest.mark.parametrize("sentence", SENTENCES, ids=lambda sentence: sentence[0])
def test_sentence_belongs_to_a_step_and_is_said(sentence: re.Match[str]) -> None:
    assert sentence[1] in STEPS
    assert sentence[3] in SPOKEN


def test_advice_stands_beside_what_was_found() -> None:
    advised = {key for key in catalogue("en") if re.fullmatch(r"doctor(\.\w+){4}", key)}

    assert advised
    assert {key.removesuffix(".do") for key in advised} <= {found[0] for found in SENTENCES}


@pytest.fixture(autouse=True)
def live(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process stands on a server in production, at a terminal without a language."""
    for name, value in {**LIVE, "LC_ALL": "", "LC_MESSAGES": "", "LANG": ""}.items():
        monkeypatch.setenv(name, value)


def test_unknown_step_is_one_sentence_with_all_of_them(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = commands.main(["doctor", "nonsense"])

    shown = capsys.readouterr()
    assert (status, shown.out, len(shown.err.splitlines())) == (2, "", 1)
    assert ", ".join(STEPS) in shown.err


def test_red_first_step_ends_with_one_in_the_readers_language(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SECRET_KEY", "short")
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")

    status = commands.main(["doctor"])

    shown = capsys.readouterr()
    assert (status, shown.err) == (1, "")
    assert shown.out.startswith("1. Le serveur\n   NON    server.settings ")
    assert "-> Corrigez-le dans votre fichier de réglages" in shown.out
    assert shown.out.count("attend la première étape") == len(STEPS) - 1
