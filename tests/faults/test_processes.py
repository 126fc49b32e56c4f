"""The supervision that the demo and the end-to-end tests stand on."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sandbox.processes import Processes, ProcessFailedError

if TYPE_CHECKING:
    from collections.abc import Iterator

DEAF = """import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('up')
time.sleep(60)"""
PARENT = f"import subprocess, sys; subprocess.Popen([sys.executable, '-uc', {DEAF!r}])"


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    started = Processes(tmp_path, dict(os.environ), tmp_path / "logs")
    yield started
    started.stop(0.1)


def start(processes: Processes, name: str, code: str, *, passing: bool = False) -> Path:
    processes.start(name, sys.executable, "-uc", code, passing=passing)
    return processes.logs / f"{name}.log"


def members(group: int) -> list[str]:
    """Name the living processes of a group, as /proc shows them."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, pgrp = stat.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(pgrp) == group and state != "Z":
            found.append(stat.parent.name)
    return found


def test_child_that_ignores_sigterm_is_killed(processes: Processes) -> None:
    log = start(processes, "deaf", DEAF)
    processes.wait_until(lambda: "up" in log.read_text(), "deaf")
    group = processes.running["deaf"].pid

    processes.stop(0.1)

    assert members(group) == []


def test_child_of_a_dead_child_is_killed(processes: Processes) -> None:
    log = start(processes, "parent", PARENT, passing=True)
    processes.wait_until(lambda: "up" in log.read_text(), "parent")
    group = processes.running["parent"].pid
    assert len(members(group)) == 1

    processes.stop(0.1)

    processes.wait_until(lambda: members(group) == [], "parent", 5)


def test_dead_child_is_named_with_the_end_of_its_log(processes: Processes) -> None:
    start(processes, "web", "print('first'); print('port is taken'); raise SystemExit(3)")

    with pytest.raises(ProcessFailedError, match=r"(?s)web ended with code 3\..*port is taken"):
        processes.wait_until(lambda: False, "the demo")


def test_passing_child_may_end_well(processes: Processes) -> None:
    start(processes, "server", DEAF)
    start(processes, "release", "pass", passing=True)

    processes.wait_for_end("release")

    assert list(processes.running) == ["server"]


def test_passing_child_that_fails_is_an_error(processes: Processes) -> None:
    start(processes, "release", "raise SystemExit('no such table')", passing=True)

    with pytest.raises(ProcessFailedError, match="no such table"):
        processes.wait_for_end("release")


def test_child_that_never_comes_up_is_an_error(processes: Processes) -> None:
    start(processes, "web", DEAF)

    with pytest.raises(ProcessFailedError, match="web was not ready within 0 s"):
        processes.wait_until(lambda: False, "web", seconds=0.1)


def test_wanted_stop_interrupts_the_waiting(processes: Processes) -> None:
    processes.stop_wanted = True

    with pytest.raises(KeyboardInterrupt):
        processes.wait_until(lambda: False, "web")
