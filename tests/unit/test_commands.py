"""Commands asked for wrongly: one sentence, status 2, nothing done."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.commands import __main__ as commands
from app.settings import MADE_BY_KEYS_NEW, Settings
from tests.support.environ import CLOSED
from tests.unit.test_settings import PRODUCTION

ROOT = Path(__file__).parents[2]
TERMINAL = {**CLOSED, "LC_ALL": "", "LC_MESSAGES": "", "LANG": ""}
Propale = Callable[..., "Ended"]


CONNECTING = (
    "connect-stripe",
    "connect-stripe --tenant 1",
    "connect-stripe --tenant x --account y",
)


@pytest.mark.parametrize(
    "line",
    [
        "nonsense",
        "help x",
        "migrate x",
        "migrate --help",
        "../migrate",
        "keys",
        "keys old",
        *CONNECTING,
    ],
)
def test_bad_input_is_one_sentence_and_two(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    status = commands.main(line.split())

    shown = capsys.readouterr()
    assert (status, shown.out, len(shown.err.splitlines())) == (2, "", 1)


def test_no_words_name_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main([]) == commands.main(["help"]) == 0

    assert "keys, messages, migrate, reconcile" in capsys.readouterr().out


def test_unknown_command_names_all_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    commands.main(["nonsense"])

    there_are = {path.stem.replace("_", "-") for path in (ROOT / "app/commands").glob("[a-z]*.py")}
    known = ", ".join(sorted(there_are | {"demo", "help", "test"}))
    assert f"there are: {known}." in capsys.readouterr().err


@dataclass(frozen=True)
class Ended:
    """How a command ended; the names are those of a process."""

    returncode: int
    stdout: str
    stderr: str


def process(line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as it is typed, in a process of its own."""
    env = {**os.environ, **TERMINAL, **environment}
    command = [sys.executable, "-m", "app.commands", *line.split()]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


@pytest.fixture
def propale(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Propale:
    """The same in this process, where ten need no longer than one process needs to start."""

    def run(line: str, **environment: str) -> Ended:
        monkeypatch.chdir(ROOT)
        for name, value in {**TERMINAL, **environment}.items():
            monkeypatch.setenv(name, value)
        status = commands.main(line.split())
        return Ended(status, *capfd.readouterr())

    return run


def test_database_that_is_away_is_one_sentence() -> None:
    ended = process("messages")

    assert ended.returncode == 1
    assert ended.stderr.startswith("The database could not do it: ")
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["messages", "reconcile", "reconcile --repair"])
def test_mistyped_path_makes_no_database(tmp_path: Path, command: str, propale: Propale) -> None:
    path = tmp_path / "propal.db"

    ended = propale(command, DATABASE_URL=f"sqlite:///{path}", LANG="fr_FR.UTF-8")

    assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1)
    assert ended.stderr.startswith(f"Aucune base de données à {path}")
    assert not path.exists()


def test_database_without_the_tables_leads_to_migrate(tmp_path: Path, propale: Propale) -> None:
    (tmp_path / "empty.db").touch()

    ended = propale("messages", DATABASE_URL=f"sqlite:///{tmp_path}/empty.db")

    assert ended.returncode == 2
    assert ended.stderr == (
        "The database lacks the tables of this version: run ./propale migrate.\n"
    )


def test_house_nobody_installed_is_said_not_silent(tmp_path: Path, propale: Propale) -> None:
    database = {"DATABASE_URL": f"sqlite:///{tmp_path}/new.db", "DATA_DIR": str(tmp_path)}
    migrated = propale("migrate", **database)
    assert (migrated.returncode, migrated.stdout.count("\n")) == (0, 1)

    ended = propale("reconcile", **database)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("No HubSpot account has installed Propale")


def test_fresh_keys_need_no_environment_and_make_a_usable_one(propale: Propale) -> None:
    printed = [run("keys new", APP_ENV="", SECRET_KEY="").stdout for run in (process, propale)]

    pairs = [dict(line.split("=", 1) for line in text.splitlines()) for text in printed]
    assert set(pairs[0]) == set(MADE_BY_KEYS_NEW)
    assert len({*pairs[0].values(), *pairs[1].values()}) == 2 * len(MADE_BY_KEYS_NEW)
    Settings.from_env({**PRODUCTION, **pairs[0]})


def test_reader_who_stops_reading_sees_no_trace() -> None:
    env = {**os.environ, **CLOSED}
    command = [sys.executable, "-m", "app.commands", "help"]
    reading, writing = os.pipe()
    os.close(reading)

    ended = subprocess.run(
        command, cwd=ROOT, env=env, stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)

    assert (ended.returncode, ended.stderr) == (141, b"")


class CtrlC(io.StringIO):
    """Somebody presses Ctrl-C while the command writes."""

    def write(self, _text: str) -> int:
        raise KeyboardInterrupt


def test_interrupted_command_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setattr(sys, "stdout", CtrlC())

    assert commands._piped(["help"]) == 130
    assert capsys.readouterr().err.splitlines() == [
        "Interrupted before its end: what it had done stays done."
    ]


def test_terminal_without_our_signs_is_no_failure() -> None:
    ended = process("help", LANG="fr_FR.UTF-8", PYTHONIOENCODING="ascii")

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("Commandes?: backup")


def test_unknown_measurement_is_one_sentence(propale: Propale) -> None:
    ended = propale("bench nonsense", LANG="fr_FR.UTF-8")

    assert (ended.returncode, ended.stdout, len(ended.stderr.splitlines())) == (2, "", 1)
    assert ended.stderr.startswith("Il n’y a pas de mesure nonsense, il y a")


def test_settings_are_refused_in_the_readers_language(propale: Propale) -> None:
    ended = propale("messages", LANG="fr_FR.UTF-8", SECRET_KEY="", PORT="x")

    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        "Les réglages ne le permettent pas\u00a0:",
        "SECRET_KEY manque\u202f; faites-en une avec ./propale keys new.",
        "PORT doit être un nombre entier.",
    ]
