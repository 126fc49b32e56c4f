"""Commands asked for wrongly: one sentence, status 2, nothing done."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.commands import __main__ as commands
from app.settings import MADE_BY_KEYS_NEW, Settings
from tests.support.environ import CLOSED
from tests.unit.test_settings import PRODUCTION

ROOT = Path(__file__).parents[2]


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


def propale(line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **CLOSED, "LC_ALL": "", "LC_MESSAGES": "", "LANG": "", **environment}
    command = [sys.executable, "-m", *line.split()]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)


def test_database_that_is_away_is_one_sentence() -> None:
    ended = propale("app.commands messages")

    assert ended.returncode == 1
    assert ended.stderr.startswith("The database could not do it: ")
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", ["messages", "reconcile", "reconcile --repair"])
def test_mistyped_path_makes_no_database(tmp_path: Path, command: str) -> None:
    path = tmp_path / "propal.db"

    ended = propale(f"app.commands {command}", DATABASE_URL=f"sqlite:///{path}", LANG="fr_FR.UTF-8")

    assert (ended.returncode, len(ended.stderr.splitlines())) == (2, 1)
    assert ended.stderr.startswith(f"Aucune base de données à {path}")
    assert not path.exists()


def test_database_without_the_tables_leads_to_migrate(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()

    ended = propale("app.commands messages", DATABASE_URL=f"sqlite:///{tmp_path}/empty.db")

    assert ended.returncode == 2
    assert ended.stderr == (
        "The database lacks the tables of this version: run ./propale migrate.\n"
    )


def test_house_nobody_installed_is_said_not_silent(tmp_path: Path) -> None:
    database = {"DATABASE_URL": f"sqlite:///{tmp_path}/new.db", "DATA_DIR": str(tmp_path)}
    assert propale("app.commands migrate", **database).returncode == 0

    ended = propale("app.commands reconcile", **database)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("No HubSpot account has installed Propale")


def test_fresh_keys_need_no_environment_and_make_a_usable_one() -> None:
    printed = [propale("app.commands keys new", APP_ENV="", SECRET_KEY="").stdout for _ in (1, 2)]

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


def test_unknown_measurement_is_one_sentence() -> None:
    ended = propale("app.commands bench nonsense", LANG="fr_FR.UTF-8")

    assert (ended.returncode, ended.stdout, len(ended.stderr.splitlines())) == (2, "", 1)
    assert ended.stderr.startswith("Il n’y a pas de mesure nonsense, il y a")


def test_settings_are_refused_in_the_readers_language() -> None:
    ended = propale("app.commands messages", LANG="fr_FR.UTF-8", SECRET_KEY="", PORT="x")

    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        "Les réglages ne le permettent pas\u00a0:",
        "SECRET_KEY manque\u202f; faites-en une avec ./propale keys new.",
        "PORT doit être un nombre entier.",
    ]
