"""The demo's web and worker are started again when they end, unless they cannot even start."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from sandbox.processes import Processes, ProcessFailedError
from sandbox.supervisor import Notices, Supervisor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

WAITS = "import time; time.sleep(60)"


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[Processes]:
    started = Processes(tmp_path, dict(os.environ), tmp_path / "logs")
    for name in ("web", "worker", "sandbox"):
        started.start(name, sys.executable, "-uc", WAITS)
    yield started
    started.stop(0.1)


def watch_until(
    processes: Processes, done: Callable[[Notices], bool], least_seconds: float = 5.0
) -> None:
    """Supervise until `done`, or for ten seconds."""
    notices = Notices(processes.folder)

    def stop_in_time() -> None:
        deadline = time.monotonic() + 10
        while not done(notices) and time.monotonic() < deadline:
            time.sleep(0.02)
        processes.stop_wanted = True

    threading.Thread(target=stop_in_time).start()
    with pytest.raises(KeyboardInterrupt):
        Supervisor(processes, notices, least_seconds).watch()


def deaths(notices: Notices, name: str) -> int:
    return int(notices.read().get(name, {}).get("deaths", 0))


@pytest.mark.parametrize("name", ["web", "worker"])
def test_asked_kill_is_done_and_the_process_starts_again(
    processes: Processes, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    first = {key: process.pid for key, process in processes.running.items()}
    threading.Timer(0.3, Notices(processes.folder).ask_kill, [name]).start()

    watch_until(processes, lambda notices: deaths(notices, name) == 1)

    now = {key: process.pid for key, process in processes.running.items()}
    assert {key for key in now if now[key] != first[key]} == {name}
    assert processes.running[name].poll() is None
    said = f"{name} was killed (process {first[name]}) and is started again (process {now[name]})"
    assert said in capsys.readouterr().out


def test_process_killed_from_a_terminal_starts_again(processes: Processes) -> None:
    for name in ("web", "worker"):
        threading.Timer(0.3, os.kill, [processes.running[name].pid, signal.SIGKILL]).start()

    watch_until(processes, lambda notices: deaths(notices, "web") == deaths(notices, "worker") == 1)

    assert [processes.running[name].poll() for name in ("web", "worker")] == [None, None]


def test_worker_that_ends_by_itself_starts_again(
    processes: Processes, capsys: pytest.CaptureFixture[str]
) -> None:
    worn_out = "import time; time.sleep(1); raise SystemExit(1)"
    os.killpg(processes.running["web"].pid, signal.SIGKILL)
    processes.start("web", sys.executable, "-uc", worn_out)

    watch_until(processes, lambda notices: deaths(notices, "web") == 1, least_seconds=0.1)

    assert "web ended with code 1 (process" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "sign"), [("worker", signal.SIGTERM), ("sandbox", signal.SIGKILL)]
)
def test_death_at_the_start_or_of_another_ends_the_demo(
    processes: Processes, name: str, sign: signal.Signals
) -> None:
    os.kill(processes.running[name].pid, sign)
    processes.running[name].wait()

    with pytest.raises(ProcessFailedError, match=f"{name} ended with code -{sign.value}"):
        Supervisor(processes, Notices(processes.folder)).watch()


def test_old_wish_to_kill_is_forgotten(processes: Processes) -> None:
    Notices(processes.folder).ask_kill("web")
    pid = processes.running["web"].pid

    watch_until(processes, lambda notices: "worker" in notices.read())

    assert processes.running["web"].pid == pid
    assert Notices(processes.folder).read() == {}
