"""The processes of one run: started, waited for, watched and ended together.

Used by the launcher before anything is installed, so it needs the standard library alone.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.request
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

STOP_SECONDS = 5.0
LOG_LINES = 20


class ProcessFailedError(Exception):
    """A process died or did not come up in time; the text says which and ends its log."""


class Processes:
    """Named processes, each the head of its own group, each with a log file `<name>.log`."""

    def __init__(self, folder: Path, env: Mapping[str, str], logs: Path) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self.folder, self.env, self.logs = folder, env, logs
        self.stop_wanted = False
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self._passing: set[str] = set()
        self._commands: dict[str, list[str]] = {}

    def start(self, name: str, *command: object, passing: bool = False) -> None:
        """Start one; a `passing` process may end with code 0, any other has to stay."""
        self._commands[name] = [str(word) for word in command]
        if passing:
            self._passing.add(name)
        self._launch(name, "wb")

    def start_again(self, name: str) -> None:
        """Start one that has died as it was started before; its log goes on."""
        # A head that was killed alone leaves children, which may hold its port.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.running[name].pid, signal.SIGKILL)
        self.running[name].wait()
        self._launch(name, "ab")

    def _launch(self, name: str, mode: str) -> None:
        with (self.logs / f"{name}.log").open(mode) as log:
            self.running[name] = subprocess.Popen(
                self._commands[name],
                cwd=self.folder,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def check(self, revived: Collection[str] = ()) -> None:
        """Raise KeyboardInterrupt when a stop is wanted, ProcessFailedError when one has died.

        Somebody else takes care of the `revived` ones.
        """
        if self.stop_wanted:
            raise KeyboardInterrupt
        for name, process in self.running.items():
            code = None if name in revived else process.poll()
            if code is not None and not (code == 0 and name in self._passing):
                raise ProcessFailedError(f"{name} ended with code {code}. {self._log_end(name)}")

    def wait_until(self, ready: Callable[[], bool], name: str, seconds: float = 60) -> None:
        """Poll until `ready()`, while all the others live."""
        deadline = time.monotonic() + seconds
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                raise ProcessFailedError(
                    f"{name} was not ready within {seconds:.0f} s. {self._log_end(name)}"
                )
            time.sleep(0.02)

    def wait_for_end(self, name: str, seconds: float = 60) -> None:
        """Wait until a passing process has ended well."""
        self.wait_until(lambda: self.running[name].poll() == 0, name, seconds)
        del self.running[name]

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """End every group: politely, and whoever is left after these seconds by force."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            deadline = time.monotonic() + seconds
            for process in self.running.values():
                # After its head has gone a group may still hold its children.
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, sign)
            for process in self.running.values():
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(max(0.0, deadline - time.monotonic()))
        self.running.clear()

    def _log_end(self, name: str) -> str:
        log = self.logs / f"{name}.log"
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        return "\n".join([f"The end of {log}:", *lines[-LOG_LINES:]])


def listens(host: str, port: int) -> bool:
    """Whether somebody takes connections there."""
    with contextlib.suppress(OSError), socket.create_connection((host, port), 1):
        return True
    return False


def answers(url: str) -> bool:
    """Whether a GET of this http address is answered well (2xx)."""
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=10):  # noqa: S310
        return True
    return False
