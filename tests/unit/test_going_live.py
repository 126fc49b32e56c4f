"""The guide's words are true: its steps are the doctor's, its commands and files exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.doctor.walk import STEPS
from tests.rehearsal import guide, people, played

ROOT = Path(__file__).parents[2]
TEXT = guide.GUIDE.read_text(encoding="utf-8")
TYPED = guide.typed(TEXT)
RESTORING = guide.typed(guide.from_a_backup())
COMMANDS = {path.stem for path in (ROOT / "app/commands").glob("[a-z]*.py")}
# Run as they stand by the rehearsal.
LOAD = "set -a; . /etc/propale/production.env; set +a"
PLAIN = ("cp ", "ln -s ", "install ", "useradd ", "cd /opt/propale", LOAD)


def test_guide_and_doctor_have_the_same_steps() -> None:
    assert guide.steps(TEXT) == list(enumerate(STEPS, start=1))


@pytest.mark.parametrize("step", STEPS)
def test_each_step_ends_with_its_own_check(step: str) -> None:
    lines = [one.line for one in TYPED if one.step == step]

    assert any(re.match(rf"\./propale doctor( {step}\b|$)", line) for line in lines)


@pytest.mark.parametrize("line", sorted({one.line for one in (*TYPED, *RESTORING)}))
def test_each_command_line_can_be_followed(line: str) -> None:
    is_played = any(re.fullmatch(pattern, line) for pattern in played.PLAYED)

    assert is_played or line.startswith((*PLAIN, "./propale "))


def test_going_on_from_a_backup_is_typed_too() -> None:
    commands = [one.line for one in RESTORING if one.line.startswith("./propale ")]

    assert [line.split()[1] for line in commands] == [
        "restore",
        "migrate",
        "reconcile",
        "reconcile",
        "doctor",
    ]


def test_each_word_after_propale_is_a_command() -> None:
    named = re.findall(r"\./propale (\w+)(?: (\w+))?", TEXT)

    assert {command for command, _ in named} <= COMMANDS
    assert {step for command, step in named if command == "doctor"} <= {*STEPS, ""}


def test_each_file_that_is_named_exists() -> None:
    pattern = r"`((?:deploy|docs|hubspot_cards)/[\w./-]+|compose\.yaml)`|\((images/[\w-]+\.png)\)"
    named = [ROOT / (file or f"docs/{image}") for file, image in re.findall(pattern, TEXT)]
    copied = [ROOT / name for name in re.findall(r"(?<= )(?:deploy/[\w.-]+|\.env\.example)", TEXT)]

    assert len(named) > 5
    assert [path for path in [*named, *copied] if not path.exists()] == []


def test_each_setting_that_is_named_has_its_line() -> None:
    known = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    table = TEXT.partition("| Line | Value |")[2].partition("\n\n")[0]
    named = set(re.findall(r"`([A-Z]+_[A-Z_]+)`", table))

    assert len(named) == 7
    assert named <= set(known)


def test_what_people_do_stands_before_lines_of_the_guide() -> None:
    assert set(people.BEFORE) <= {one.line for one in TYPED}
