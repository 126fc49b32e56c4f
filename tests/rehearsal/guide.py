"""What the guide has one type, and where."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = DOCS / "going-live.md"
BLOCK = re.compile(r"^ *```console\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
LINE = re.compile(r"^ *\$ (.+)$", re.MULTILINE)
STEP = re.compile(r"^## (\d+)\. .+: `\./propale doctor (\w+)`$", re.MULTILINE)


@dataclass(frozen=True)
class Typed:
    """One command line; `step` is the doctor's name of the step, "" before the first."""

    step: str
    line: str


def from_a_backup() -> str:
    """What the operator's guide says of a database that is lost."""
    text = (DOCS / "operating.md").read_text(encoding="utf-8")
    return text.partition("\n## From a backup\n")[2].partition("\n## ")[0]


def steps(text: str) -> list[tuple[int, str]]:
    """Number and name of each step that a heading names."""
    return [(int(number), name) for number, name in STEP.findall(text)]


def typed(text: str) -> list[Typed]:
    """All command lines, in order."""
    starts = [(found.start(), found[2]) for found in STEP.finditer(text)]
    return [
        Typed(next((name for at, name in reversed(starts) if at < block.start()), ""), line)
        for block in BLOCK.finditer(text)
        for line in LINE.findall(block[1])
    ]
