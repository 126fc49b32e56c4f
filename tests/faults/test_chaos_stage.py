"""The storm's processes never outlive its driver, whatever ends it."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.product import ROOT

DRIVER = """import os, signal, sys, time
from pathlib import Path
from tests.chaos.stage import Mortal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
processes = Mortal(Path(sys.argv[1]), dict(os.environ), Path(sys.argv[1]) / "logs")
processes.start("deaf", sys.executable, "-c", "import time; time.sleep(60)")
processes.start_again("deaf")
command = Path(f"/proc/{processes.running['deaf'].pid}/cmdline")
# Nothing is named while one program takes the place of another.
while b"setpriv" in (named := command.read_bytes()) or not named:  # it has not asked the kernel yet
    time.sleep(0.01)
print(processes.running["deaf"].pid, flush=True)
time.sleep(60)"""


def alive(stat: Path) -> bool:
    """Whether a process runs, as its /proc file says."""
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_killed_driver_takes_its_processes_along(tmp_path: Path, sign: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", DRIVER, tmp_path], cwd=ROOT, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    ) as driver:  # fmt: skip
        assert driver.stdout
        child = Path("/proc") / driver.stdout.readline().strip() / "stat"
        assert alive(child)

        driver.send_signal(sign)

    deadline = time.monotonic() + 5
    while alive(child):
        assert time.monotonic() < deadline
        time.sleep(0.02)
