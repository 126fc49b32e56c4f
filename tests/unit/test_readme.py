"""The README's words about files and commands are true."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
FILE = re.compile(r"[\w./]+/\w+\.\w+")
FUNCTION = re.compile(r"(\S+\.py) +(\w+_\w+):")


def test_files_that_are_named_exist() -> None:
    links = re.findall(r"\]\(([^)]+)\)", README)
    named = {*FILE.findall(README.replace("./", "")), *links}

    assert {"app/proposals/send.py", "workers/handlers/charge.py"} <= named
    assert {name for name in named if not (ROOT / name).exists()} == set()


def test_functions_that_are_named_stand_in_their_files() -> None:
    named = FUNCTION.findall(README)

    assert named
    for path, function in named:
        assert f"def {function}(" in (ROOT / path).read_text(encoding="utf-8")


def test_every_command_has_its_line() -> None:
    ours = {path.stem.replace("_", "-") for path in (ROOT / "app/commands").glob("[a-z]*.py")}
    told = set(re.findall(r"^\$ \./propale ([\w-]+)", README, re.MULTILINE))

    assert told == ours | {"demo", "test", "help"}
