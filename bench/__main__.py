"""`./propale bench [NAME...|all]`: measures, prints, keeps; 1 when a goal is missed."""

from __future__ import annotations

import sys
from importlib import import_module

from app.language import say, supported
from app.settings import terminal_language
from bench.figures import Report, keep, load_average, machine
from bench.servers import BenchError
from sandbox.processes import ProcessFailedError

MEASUREMENTS = tuple("ingest outage duplicates lease_cycle calls noisy reconcile told".split())


def main(words: list[str]) -> int:
    chosen = MEASUREMENTS if words in ([], ["all"]) else tuple(words)
    unknown = set(chosen) - set(MEASUREMENTS)
    if unknown:
        values = {"names": ", ".join(sorted(unknown)), "known": ", ".join(MEASUREMENTS)}
        language = supported(terminal_language())
        print(say(language, "command.no_measurement", **values), file=sys.stderr)
        return 2
    print(machine())
    try:
        reports = [_measure(name) for name in chosen]
    except (BenchError, ProcessFailedError, ConnectionError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print(f"\nAll figures: {keep(reports)}")
    return 0 if all(goal.met for report in reports for goal in report.goals) else 1


def _measure(name: str) -> Report:
    report: Report = import_module(f"bench.{name}").measure()
    print(f"{report.table()}\n  ({load_average()})", flush=True)
    return report


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
