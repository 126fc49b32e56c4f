"""After the storm `reconcile --repair` finds what never came; a second run must write nothing."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from tests.chaos.reading import open_sandbox
from tests.support.product import ROOT

if TYPE_CHECKING:
    from tests.chaos.stage import Stage

_COMMAND = (sys.executable, "-m", "app.commands", "reconcile", "--repair")
_SECONDS = 120
_BEHIND = 2  # exit statuses from here on are no answer
_TABLES = ("deals", "proposals", "acceptances", "purchases", "steps", "paid_invoices", "messages")
_ROWS = "SELECT coalesce(md5(string_agg(t::text, '' ORDER BY id)), '') FROM {} t {}"
# The bank's mail waits two minutes and may fall due between the two prints.
_BUT = {"messages": "WHERE kind <> 'email.action_needed'"}
# What a vendor keeps of its own accord: tokens used, deliveries sent, calls remembered.
_KEPT = """SELECT place, id, body FROM records WHERE place GLOB 'hubspot/*/deals'
OR place GLOB 'mail/*' OR place GLOB 'slack/*/messages/*' OR place GLOB 'stripe/acct_*/[a-z]*'
ORDER BY place, id"""


def reconcile(stage: Stage) -> str:
    """Run the command to its end and return what it says; RuntimeError when it cannot run."""
    done = subprocess.run(
        _COMMAND, cwd=ROOT, env=stage.env, capture_output=True, text=True, timeout=_SECONDS,
        check=False,
    )  # fmt: skip
    if done.returncode >= _BEHIND:
        raise RuntimeError(f"reconcile ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout.strip()


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
