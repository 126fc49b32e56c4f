"""`./propale test --chaos SECONDS [--seed N]`: the storm, its table; 1 when it found anything."""

from __future__ import annotations

import secrets
import signal
import sys

from tests.chaos.books import Books, compare
from tests.chaos.run import Run
from tests.chaos.stage import stage

USAGE = "--chaos takes a positive number of seconds, and --seed a whole number."


def main(words: list[str]) -> int:
    """Exit status: 0 sound, 1 findings, 2 words nobody understands."""
    try:
        seconds, seed = asked(words)
    except ValueError:
        print(USAGE, file=sys.stderr)
        return 2
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    print(f"chaos: {seconds:g} s, --seed {seed}", flush=True)
    with stage() as here:
        run = Run(here, seconds, seed)
        books = run.play()
    return report(run, books)


def asked(words: list[str]) -> tuple[float, int]:
    """Seconds and seed from `SECONDS [--seed N]`; ValueError on anything else."""
    seconds, *rest = words or [""]
    if rest and (rest[0] != "--seed" or len(rest) != 2):
        raise ValueError(rest)
    if not 0 < float(seconds) < float("inf"):
        raise ValueError(seconds)
    return float(seconds), int(rest[1]) if rest else secrets.randbelow(1_000_000)


def report(run: Run, books: Books) -> int:
    """Print the table and every finding; return the exit status."""
    findings = compare(books)
    print("\n".join(run.storm.fallen))
    print(run.storm.ended_alone, run.recovered)
    print(f"accepted {len(books.accepted)} charged {books.charged} told {books.told}")
    print(f"slowest told {books.slowest_told:.1f}; unsettled {run.unsettled}")
    for finding in findings:
        print(finding)
    for sale in run.sales:
        if sale.key in run.unsettled:
            print(sale)
    return 1 if findings or run.unsettled else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
