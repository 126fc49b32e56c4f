"""`./propale test --chaos SECONDS [--seed N]`: the storm, its table; 1 when it found anything."""

from __future__ import annotations

import secrets
import shutil
import signal
import sys
from pathlib import Path

from tests.chaos.report import report
from tests.chaos.run import Run
from tests.chaos.stage import stage
from tests.support.product import ROOT

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
    print(f"chaos: ./propale test --chaos {seconds:g} --seed {seed}", flush=True)
    with stage() as here:
        run = Run(here, seconds, seed)
        status = report(run, run.play())
        if status:
            print(f"Logs: {keep_logs(here.processes.logs)}")
    return status


def asked(words: list[str]) -> tuple[float, int]:
    """Seconds and seed from `SECONDS [--seed N]`; ValueError on anything else."""
    seconds, *rest = words or [""]
    if rest and (rest[0] != "--seed" or len(rest) != 2):
        raise ValueError(rest)
    if not 0 < float(seconds) < float("inf"):
        raise ValueError(seconds)
    return float(seconds), int(rest[1]) if rest else secrets.randbelow(1_000_000)


def keep_logs(logs: Path) -> Path:
    """Copy what the processes wrote to where it outlives them."""
    kept = ROOT / "test-results" / "chaos"
    shutil.copytree(logs, kept, dirs_exist_ok=True)
    return kept


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
