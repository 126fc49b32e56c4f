"""Keeps the demo's web and worker alive: one that ended is started again, with a line printed.

Used by the launcher before anything is installed, so it needs the standard library alone. Whoever
wants to see a `kill -9` asks for it in the data folder: the sandbox's control page does.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.processes import Processes

REVIVED = ("web", "worker")
_LOOK_SECONDS = 0.1
# Long enough to be seen on the page, and for the port to be free again.
_PAUSE_SECONDS = 1.0
_LEAST_SECONDS = 5.0


@dataclass
class Notices:
    """Two kinds of files in the data folder: who runs (JSON), and whom somebody wants killed."""

    folder: Path

    def write(self, rows: dict[str, Any]) -> None:
        """Say who runs; readers see the old notice or the new one, never half of it."""
        new = self.folder / "processes.json.new"
        new.write_text(json.dumps(rows), encoding="utf-8")
        new.replace(self.folder / "processes.json")

    def read(self) -> dict[str, Any]:
        """Return pid, since (Unix seconds) and deaths by name; empty without a supervisor."""
        try:
            rows: dict[str, Any] = json.loads((self.folder / "processes.json").read_text())
        except FileNotFoundError:
            return {}
        return rows

    def clear(self) -> None:
        """Nobody runs, nobody is to be killed."""
        for file in ("processes.json", *(f"kill-{name}" for name in REVIVED)):
            (self.folder / file).unlink(missing_ok=True)

    def ask_kill(self, name: str) -> None:
        (self.folder / f"kill-{name}").touch()

    def take_kill(self, name: str) -> bool:
        """Tell whether somebody wants it killed, once for each time it was asked."""
        with contextlib.suppress(FileNotFoundError):
            (self.folder / f"kill-{name}").unlink()
            return True
        return False


@dataclass
class Supervisor:
    """Watches running processes and starts web and worker again; any other death ends the demo.

    So does a web or worker that ends by itself within `least_seconds` of its start: it would again.
    """

    processes: Processes
    notices: Notices
    least_seconds: float = _LEAST_SECONDS
    _rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    def watch(self) -> None:
        """Go on until a stop is wanted (KeyboardInterrupt) or ProcessFailedError is raised."""
        self.notices.clear()
        for name in REVIVED:
            self._note(name)
        try:
            while True:
                for name in REVIVED:
                    self._look_after(name)
                self.processes.check(REVIVED)
                time.sleep(_LOOK_SECONDS)
        finally:
            self.notices.clear()

    def _look_after(self, name: str) -> None:
        process = self.processes.running[name]
        if self.notices.take_kill(name):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        code = process.poll()
        if code is not None:
            if code != -signal.SIGKILL and self._lived(name) < self.least_seconds:
                self.processes.check()
            self._start_again(name, process.pid, code)

    def _start_again(self, name: str, pid: int, code: int) -> None:
        time.sleep(_PAUSE_SECONDS)
        self.processes.start_again(name)
        self._note(name)
        how = "was killed" if code == -signal.SIGKILL else f"ended with code {code}"
        print(  # noqa: T201 - what the demo says
            f"propale: {name} {how} (process {pid}) and is started again "
            f"(process {self.processes.running[name].pid}).",
            flush=True,
        )

    def _lived(self, name: str) -> float:
        return time.time() - float(self._rows[name]["since"])

    def _note(self, name: str) -> None:
        deaths = self._rows[name]["deaths"] + 1 if name in self._rows else 0
        pid = self.processes.running[name].pid
        self._rows[name] = {"pid": pid, "since": time.time(), "deaths": deaths}
        self.notices.write(self._rows)
