"""`./propale demo` asked for wrongly: one sentence in the reader's language, status 2."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from sandbox.demo_words import AskedWronglyError, read_words, settings_of

ROOT = Path(__file__).parents[2]


def demo(line: str, language: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "LC_ALL": "", "LC_MESSAGES": "", "LANG": language}
    command = [str(ROOT / "propale"), "demo", *line.split()]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("nonsense", "« nonsense »"),
        ("--env", "le fichier manque"),
        ("--env /no/such/file", "/no/such/file n’existe pas"),
    ],
)
def test_what_does_not_fit_is_one_sentence_and_two(line: str, words: str) -> None:
    done = demo(line, "fr_FR.UTF-8")

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert words in done.stderr.replace("\u00a0", " ")


def test_english_terminal_is_answered_in_english(tmp_path: Path) -> None:
    with pytest.raises(AskedWronglyError, match="without “nonsense”"):
        read_words(["--fresh", "nonsense"], tmp_path, {"LANG": "en_GB.UTF-8"})


@pytest.mark.parametrize("text", ["", "no equals sign", "PUBLIC_URL=http://127.0.0.1:8000"])
def test_file_without_the_settings_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "some.env").write_text(text)

    with pytest.raises(AskedWronglyError, match=r"does not say .*DATA_DIR: copy sandbox/demo\.env"):
        read_words(["--env", "some.env"], tmp_path, {})


def test_words_that_fit_are_read(tmp_path: Path) -> None:
    asked = read_words(["--fresh"], ROOT, {})

    assert asked.fresh
    assert asked.settings["DATA_DIR"] == ".data"
    with pytest.raises(AskedWronglyError, match="cannot be read"):
        read_words(["--env", str(tmp_path)], ROOT, {})


COMMANDS = {path.stem.replace("_", "-") for path in (ROOT / "app/commands").glob("[!_]*.py")}
ELSEWHERE = {"bench", "keys"}  # a database of its own; fresh keys touch none


@pytest.mark.parametrize("line", [*sorted(COMMANDS - ELSEWHERE), "keys rotate", "messages show 7"])
def test_command_without_settings_says_that_it_is_the_demos(
    line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = settings_of(line.split(), ROOT, {"LANG": "fr_FR.UTF-8"})

    said = capsys.readouterr().err
    assert settings["APP_ENV"] == "sandbox"
    assert said.count("\n") == 1
    assert "la commande porte donc sur la démo" in said


@pytest.mark.parametrize("line", ["", "help", "bench ingest", "keys new", "nonsense"])
def test_command_that_touches_no_data_says_nothing(
    line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert settings_of(line.split(), ROOT, {})["APP_ENV"] == "sandbox"
    assert capsys.readouterr().err == ""


def test_loaded_settings_are_taken_in_silence(capsys: pytest.CaptureFixture[str]) -> None:
    assert settings_of(["backup"], ROOT, {"APP_ENV": "production"}) == {}
    assert capsys.readouterr().err == ""
