"""Figures and goals: a table for people, JSON for whoever compares runs."""

from __future__ import annotations

import json
import os
import platform
import statistics
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

PACKAGES = ("flask", "gunicorn", "psycopg", "sqlalchemy", "rq", "redis", "stripe")
RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Figure:
    """One measured value, `meaning` saying in words what it is."""

    name: str
    value: float
    unit: str
    meaning: str


@dataclass(frozen=True)
class Goal:
    """A figure held to a limit: at least `least`, or at most `most`."""

    figure: Figure
    least: float | None = None
    most: float | None = None

    @property
    def met(self) -> bool:
        above = self.least is None or self.figure.value >= self.least
        return above and (self.most is None or self.figure.value <= self.most)

    @property
    def words(self) -> str:
        limit = f">= {self.least:g}" if self.least is not None else f"<= {self.most:g}"
        return f"{'pass' if self.met else 'MISSED'} ({limit})"


@dataclass
class Report:
    """What one measurement found, with the rounds it was computed from."""

    title: str
    goals: list[Goal]
    figures: list[Figure]
    rounds: list[dict[str, float]]

    def table(self) -> str:
        """One line a figure, goals first."""
        lines = [f"\n{self.title}"]
        lines += [_line(goal.figure, goal.words) for goal in self.goals]
        lines += [_line(figure, "") for figure in self.figures]
        return "\n".join(lines)

    def as_json(self) -> dict[str, object]:
        goals = [{**asdict(goal), "met": goal.met} for goal in self.goals]
        figures = [asdict(figure) for figure in self.figures]
        return {"title": self.title, "goals": goals, "figures": figures, "rounds": self.rounds}


def percentile(values: Iterable[float], percent: float) -> float:
    """The smallest value that `percent` of all do not exceed (nearest rank)."""
    ordered = sorted(values)
    rank = max(1, -(-len(ordered) * percent // 100))
    return ordered[int(rank) - 1]


def median_ratio(rounds: Iterable[tuple[float, float]]) -> float:
    """The median over rounds of one measured beside the other."""
    return statistics.median(ours / theirs for ours, theirs in rounds)


def machine() -> str:
    """The processors, and the versions of what takes part."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"{os.cpu_count()} processors, Python {platform.python_version()}, {versions}"


def load_average() -> str:
    """How busy the machine was in the last minute, for whoever weighs the figures."""
    return f"load average {os.getloadavg()[0]:.1f}"


def keep(reports: Sequence[Report]) -> Path:
    """Write the reports to a new file under bench/results and return its path."""
    now = datetime.now(UTC)
    text = json.dumps(
        {
            "at": now.isoformat(timespec="seconds"),
            "machine": machine(),
            "load": os.getloadavg(),
            "reports": [report.as_json() for report in reports],
        },
        indent=1,
    )
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{now:%Y%m%d-%H%M%S}.json"
    path.write_text(text + "\n", encoding="utf-8")
    return path


def _line(figure: Figure, words: str) -> str:
    value = f"{figure.value:,.2f} {figure.unit}"
    return f"  {figure.name:<32}{value:>16}  {words:<16}  {figure.meaning}"
