"""What the files of a deployment say: Procfile, Dockerfile, compose.yaml and the units."""

from __future__ import annotations

import re
import shlex
from configparser import RawConfigParser
from dataclasses import dataclass
from json import loads
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "deploy").glob("propale-*.*"))
SERVERS = [ROOT / "deploy" / f"propale-{name}.service" for name in ("web", "worker")]


@dataclass(frozen=True)
class Instruction:
    """One instruction of the Dockerfile, of the stage that began with the last FROM."""

    word: str
    rest: str
    stage: int

    def command(self) -> str:
        """What CMD starts, as a shell would be given it."""
        return _plain(loads(self.rest))

    def copied(self) -> tuple[list[str], str]:
        """What COPY takes from the project's folder, and to where."""
        *sources, target = shlex.split(self.rest)
        return sources, target


def dockerfile() -> list[Instruction]:
    """Its instructions; lines that go on are joined, comments are dropped."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    found, stage = [], -1
    for line in re.sub(r"\\\n\s*", "", "\n".join(lines)).splitlines():
        word, _, rest = line.partition(" ")
        stage += word == "FROM"
        found.append(Instruction(word, rest, stage))
    return found


def last_stage(word: str) -> list[Instruction]:
    """The instructions of this kind that make the image itself."""
    found = dockerfile()
    return [one for one in found if one.word == word and one.stage == found[-1].stage]


def procfile() -> dict[str, str]:
    lines = (ROOT / "Procfile").read_text(encoding="utf-8").splitlines()
    return dict(line.split(": ", 1) for line in lines)


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    return found


def compose_command(service: str) -> str:
    return _plain([word.replace("$$", "$") for word in compose()["services"][service]["command"]])


def unit(path: Path) -> RawConfigParser:
    """A unit; a name that is given twice holds its last value."""
    parser = RawConfigParser(strict=False, delimiters="=", comment_prefixes="#")
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path)
    return parser


def unit_command(path: Path) -> str:
    started = unit(path)["Service"]["ExecStart"].replace("${PORT}", "$PORT")
    return started.removeprefix("/opt/propale/.venv/bin/")


def _plain(words: list[str]) -> str:
    """A command without the shell that only fills in a variable."""
    if words[:2] == ["sh", "-c"]:
        return words[2].removeprefix("exec ")
    return " ".join(words)
