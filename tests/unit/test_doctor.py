"""The doctor's own words: every finding has its sentence, and what is wrong its advice."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.commands import __main__ as commands
from app.doctor.walk import STEPS
from app.language import catalogue
from tests.support.doctor import LIVE

ROOT = Path(__file__).parents[2]
BELOW = ("app/migrate.py", "app/providers/public_address.py", "app/providers/mailer.py")
SPOKEN_BELOW = [ROOT / path for path in BELOW]
SOURCES = [*SPOKEN_BELOW, *sorted((ROOT / "app/doctor").glob("*.py"))]
NAME = re.compile(r"[a-z]+\.[a-z_]+")


@dataclass(frozen=True)
class Finding:
    """A finding as the source has it, and the names of checks in the same function."""

    maker: str
    found: str
    names: tuple[str, ...]


def strings(node: ast.AST) -> list[str]:
    nodes = (one.value for one in ast.walk(node) if isinstance(one, ast.Constant))
    return [value for value in nodes if isinstance(value, str)]


def chosen(found: ast.expr) -> list[str]:
    """The findings that one argument may be, as far as they stand in the source."""
    either = [found.body, found.orelse] if isinstance(found, ast.IfExp) else [found]
    return [text for one in either for text in strings(one)]


def makers(function: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Each call of a maker in the function: its name, and what it says was found."""
    for call in ast.walk(function):
        if isinstance(call, ast.Call) and len(call.args) == 2:
            maker = getattr(call.func, "id", "")
            if maker in ("wrong", "unseen"):
                yield maker, call.args[1]


def findings() -> Iterator[Finding]:
    for path in SOURCES:
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(function, ast.FunctionDef):
                continue
            names = tuple(text for text in strings(function) if NAME.fullmatch(text))
            for maker, found in makers(function):
                yield from (Finding(maker, one, names) for one in chosen(found))


FINDINGS = sorted(set(findings()), key=lambda finding: (finding.names, finding.found))


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda finding: finding.found)
def test_finding_has_its_sentence_and_its_advice(finding: Finding) -> None:
    known = catalogue("en")
    said = [name for name in finding.names if f"doctor.{name}.{finding.found}" in known]

    assert said, finding
    advised = [name for name in said if f"doctor.{name}.{finding.found}.do" in known]
    assert advised == (said if finding.maker == "wrong" else [])


def test_no_sentence_waits_for_a_finding() -> None:
    spoken = {text for path in SOURCES for text in strings(ast.parse(path.read_text()))}
    checks = [
        key.removeprefix("doctor.").removesuffix(".do").rpartition(".")
        for key in catalogue("en")
        if re.fullmatch(r"doctor\.\w+\.\w+\.\w+(\.do)?", key)
    ]

    assert FINDINGS
    assert checks
    assert [one for one in checks if not {one[0], one[2]} <= spoken] == []


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
