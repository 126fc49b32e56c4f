"""After the storm `reconcile --repair` finds what never came; a second run must write nothing."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.chaos.reading import PORTALS, open_sandbox
from tests.support.product import ROOT

if TYPE_CHECKING:
    from tests.chaos.stage import Stage

_COMMAND = (sys.executable, "-m", "app.commands", "reconcile", "--repair")
_SECONDS = 120
# The last line about each seller; no word of it counts, only its numbers.
_SUMMARY = re.compile(r"^(\d+)\D*?(?::\D+(\d+)\D+(\d+)\D+(\d+)\.)?$")
_TABLES = ("deals", "proposals", "acceptances", "purchases", "steps", "paid_invoices", "messages")
_ROWS = "SELECT coalesce(md5(string_agg(t::text, '' ORDER BY id)), '') FROM {} t {}"
# The bank's mail waits two minutes and may fall due between the two prints.
_BUT = {"messages": "WHERE kind <> 'email.action_needed'"}
# What a vendor keeps of its own accord: tokens used, deliveries sent, calls remembered.
_KEPT = """SELECT place, id, body FROM records WHERE place GLOB 'hubspot/*/deals'
OR place GLOB 'mail/*' OR place GLOB 'slack/*/messages/*' OR place GLOB 'stripe/acct_*/[a-z]*'
ORDER BY place, id"""


@dataclass(frozen=True)
class Reconciled:
    """What one run said: how many differences of all sellers it found, and how many are left."""

    found: int
    left: int
    said: str


def reconcile(stage: Stage) -> Reconciled:
    """Run the command to its end; RuntimeError unless it spoke of each seller and ended so."""
    done = subprocess.run(
        _COMMAND, cwd=ROOT, env=stage.env, capture_output=True, text=True, timeout=_SECONDS,
        check=False,
    )  # fmt: skip
    return understood(done.returncode, done.stdout, done.stderr)


def understood(status: int, said: str, complained: str = "") -> Reconciled:
    """Read the summaries; a status that does not go with them is none of a comparison."""
    summaries = [found for line in said.splitlines() if (found := _SUMMARY.match(line))]
    sellers = {found[1] for found in summaries}
    total, left = (sum(int(found[place] or 0) for found in summaries) for place in (2, 4))
    if sellers != {str(portal) for portal in PORTALS} or status != int(left > 0):
        raise RuntimeError(f"reconcile ended with {status}: {said[-2000:]} {complained[-2000:]}")
    return Reconciled(total, left, said.strip())


def fingerprint(stage: Stage) -> dict[str, str]:
    """Both sides as they stand now, table by table: equal when nothing was written meanwhile."""
    prints = {}
    with stage.connect() as ours:
        for table in _TABLES:
            rows = _ROWS.format(table, _BUT.get(table, ""))
            prints[table] = str(ours.execute(rows.encode()).fetchall()[0][0])
    with closing(open_sandbox(stage.sandbox_file)) as file:
        kept = json.dumps(file.execute(_KEPT).fetchall())
    return {**prints, "vendors": hashlib.sha256(kept.encode()).hexdigest()}
