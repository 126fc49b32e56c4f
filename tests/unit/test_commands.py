"""Commands asked for wrongly: one sentence, status 2, nothing done."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.commands import __main__ as commands
from tests.support.environ import CLOSED

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("line", ["nonsense", "migrate x", "migrate --help", "../migrate"])
def test_bad_input_is_one_sentence_and_two(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    status = commands.main(line.split())

    shown = capsys.readouterr()
    assert (status, shown.out, len(shown.err.splitlines())) == (2, "", 1)


def test_no_words_name_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main([]) == commands.main(["help"]) == 0

    assert "messages, migrate, reconcile" in capsys.readouterr().out


def test_database_that_is_away_is_one_sentence(tmp_path: Path) -> None:
    nowhere = {"DATABASE_URL": f"sqlite:///{tmp_path}/no/where.db"}
    env = {**os.environ, **CLOSED, **nowhere}
    command = [sys.executable, "-m", "app.commands", "messages"]

    ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)

    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) == 1
