"""What a storm came to: the table, every finding, and how to have it again."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.chaos.books import Fault, compare

if TYPE_CHECKING:
    from tests.chaos.books import Books
    from tests.chaos.run import Run

_MOST_SHOWN = 40


def report(run: Run, books: Books) -> int:
    """Print everything; 0 when nothing was lost, doubled or wrong and every recovery in time."""
    findings = compare(books)
    faults = Counter(finding.fault for finding in findings)
    late = [one for one in run.recovered if one.late]
    print()
    for name, value in _rows(run, books, faults):
        print(f"  {name:<46}{value:>12}")
    for finding in findings[:_MOST_SHOWN]:
        print(f"{finding.fault.upper()} {finding.key or '-'}: {finding.what}")
    for one in late:
        print(f"LATE: {one.kind} was taken up again {one.calm_seconds:.1f} s after the last blow")
    for trouble in run.troubles:
        print(f"TROUBLE {trouble}")
    bad = bool(findings or late or run.troubles)
    print("\nThe storm found something." if bad else "\nNothing lost, doubled or wrong.")
    return int(bad)


def _rows(run: Run, books: Books, faults: Counter[Fault]) -> list[tuple[str, str]]:
    excused = sum(books.excuses(letter) for letter in books.letters)
    return [
        ("sales begun", str(len(run.sales))),
        ("accepted", str(len(books.accepted))),
        ("charged", str(books.charged)),
        ("told", str(books.told)),
        ("lost", str(faults[Fault.LOST])),
        ("doubled", str(faults[Fault.DOUBLED])),
        ("wrong", str(faults[Fault.WRONG])),
        ("repeated mails (cut or killed while sent)", str(len(books.repeated_mails))),
        ("mails twice in doubt, left to a person", str(excused)),
        ("longest from acceptance to told", f"{books.slowest_told:.1f} s"),
        ("killed workers' messages taken up again", str(len(run.recovered))),
        ("slowest, kill to next attempt", _slowest(run, disturbed=False)),
        ("slowest of those that met a second blow", _slowest(run, disturbed=True)),
        ("... since the last blow (goal 20 s)", _since_last(run)),
        ("blows", str(len(run.storm.fallen))),
        ("processes that ended without a blow", str(len(run.storm.ended_alone))),
        ("differences reconciled", str(run.reconciled)),
    ]


def _slowest(run: Run, *, disturbed: bool) -> str:
    seconds = [one.seconds for one in run.recovered if one.disturbed is disturbed]
    return f"{max(seconds):.1f} s" if seconds else "none"


def _since_last(run: Run) -> str:
    seconds = [one.calm_seconds for one in run.recovered if one.disturbed]
    return f"{max(seconds):.1f} s" if seconds else "none"
