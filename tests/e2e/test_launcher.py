"""`./propale demo` as a newcomer meets it: started, ended, disturbed."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
import requests

from sandbox.processes import answers, listens
from tests.chaos.people import Customer, Rep
from tests.chaos.postman import Postman
from tests.chaos.reading import open_sandbox, records
from tests.chaos.sales import make_sale
from tests.support.product import ROOT
from tests.support.servers import free_port

READY = "Ctrl-C stops everything."


class Demo:
    """A demo on ports of its own, started when a test wants it and left running for the next."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        text = (ROOT / "sandbox" / "demo.env").read_text()
        for port in sorted(set(re.findall(r"127\.0\.0\.1:(\d+)", text))):
            text = re.sub(rf"\b{port}\b", str(free_port()), text)
        self.file = folder / "demo.env"
        self.file.write_text(text.replace(".data", str(folder / "data")))
        self.env = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
        self.ports = sorted({int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", text)})
        self.starts: list[subprocess.Popen[bytes]] = []

    @property
    def launcher(self) -> subprocess.Popen[bytes]:
        return self.starts[-1]

    @property
    def sandbox_url(self) -> str:
        return self.env["HUBSPOT_API_BASE"].removesuffix("/hubspot")

    def text(self) -> str:
        """What it wrote since it was started last."""
        return self._output.read_text()

    def runs(self) -> bool:
        return bool(self.starts) and self.launcher.poll() is None

    def be_ready(self) -> None:
        """Start unless it runs, and wait until it says that it is ready."""
        if not self.runs():
            self._start()
        deadline = time.monotonic() + 60
        while READY not in self.text():
            assert self.launcher.poll() is None, self.text()
            assert time.monotonic() < deadline, self.text()
            time.sleep(0.05)

    def have_run(self) -> None:
        """Be stopped, with the data of a start before that."""
        if not self.starts:
            self.be_ready()
        if self.runs():
            self.stop(signal.SIGINT)

    def stop(self, sign: signal.Signals) -> int:
        self.launcher.send_signal(sign)
        return self.launcher.wait(15)

    def children(self) -> dict[str, int]:
        """Name the launcher's children by their command and tell their process ids."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent = folder.joinpath("stat").read_text().rpartition(")")[2].split()[1]
                command = folder.joinpath("cmdline").read_text().replace("\0", " ")
            except OSError:
                continue
            if int(parent) == self.launcher.pid:
                found[command] = int(folder.name)
        return found

    def tenants(self) -> list[tuple[object, ...]]:
        """Read who has installed the product, from the demo's database."""
        with contextlib.closing(sqlite3.connect(self.folder / "data" / "propale.db")) as connection:
            return connection.execute("SELECT id, hub_id FROM tenants").fetchall()

    @property
    def _output(self) -> Path:
        return self.folder / f"output-{len(self.starts)}"

    def _start(self) -> None:
        output = self.folder / f"output-{len(self.starts) + 1}"
        with output.open("wb") as out:
            started = subprocess.Popen(
                [ROOT / "propale", "demo", "--env", self.file], stdout=out, stderr=subprocess.STDOUT
            )
        self.starts.append(started)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    made = Demo(tmp_path_factory.mktemp("demo"))
    yield made
    if made.runs():
        made.stop(signal.SIGTERM)


def test_web_killed_from_the_control_page_starts_again(demo: Demo) -> None:
    demo.be_ready()

    kill = f"{demo.sandbox_url}/control/buttons/kill"
    requests.post(kill, data={"process": "web"}, timeout=5).raise_for_status()

    deadline = time.monotonic() + 60
    while not (
        "propale: web was killed" in demo.text() and answers(demo.env["PUBLIC_URL"] + "/healthz")
    ):
        assert demo.launcher.poll() is None, demo.text()
        assert time.monotonic() < deadline, demo.text()
        time.sleep(0.05)


@pytest.mark.long
def test_worker_killed_while_charging_loses_and_doubles_nothing(demo: Demo) -> None:
    demo.be_ready()
    sandbox, data, sale = demo.sandbox_url, demo.folder / "data", make_sale(0, Random(1))
    postman = Postman(data / "sandbox.db", lambda: sale.settled)
    threading.Thread(target=postman.work, daemon=True).start()
    Rep(demo.env["PUBLIC_URL"], sandbox, lambda: False).send(sale)
    sale.link = postman.wait(sale.email)
    slow = {"vendor": "stripe", "method": "POST", "path": "/v1/subscriptions", "delay": 8}
    requests.post(f"{sandbox}/control/faults", json=slow, timeout=5).raise_for_status()
    buyer = threading.Thread(target=Customer(sale, lambda: False).buy, daemon=True)
    buyer.start()
    wait_for_charge(data / "propale.db")

    requests.post(f"{sandbox}/control/buttons/kill", data={"process": "worker"}, timeout=5)

    buyer.join(60)
    assert sale.settled, sale.seen
    assert "propale: worker was killed" in demo.text()
    with contextlib.closing(open_sandbox(data / "sandbox.db")) as file:
        charges = list(records(file, "stripe/acct_sandbox0001/charge"))
        subscriptions = list(records(file, "stripe/acct_sandbox0001/subscription"))
    assert [(one["status"], one["amount"]) for one in charges] == [("succeeded", sale.due_minor)]
    assert len(subscriptions) == 1


def wait_for_charge(database: Path) -> None:
    """Wait until the worker is charging."""
    at_work = "SELECT 1 FROM messages WHERE kind = 'stripe.start_billing' AND status = 'leased'"
    deadline = time.monotonic() + 30
    with contextlib.closing(sqlite3.connect(database)) as connection:
        while not connection.execute(at_work).fetchall():
            assert time.monotonic() < deadline
            time.sleep(0.05)


@pytest.mark.parametrize(
    "sign", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.long)]
)
def test_stop_signal_leaves_nothing_running(demo: Demo, sign: signal.Signals) -> None:
    demo.be_ready()
    children = demo.children()
    assert len(children) == 4, children
    assert all(listens("127.0.0.1", port) for port in demo.ports)

    assert demo.stop(sign) == 0, demo.text()

    assert not any(Path(f"/proc/{pid}").exists() for pid in children.values())
    assert not any(listens("127.0.0.1", port) for port in demo.ports)


def test_second_start_keeps_the_data(demo: Demo) -> None:
    demo.have_run()
    installed = demo.tenants()
    assert len(installed) == 1

    demo.be_ready()

    assert demo.tenants() == installed


def test_dead_sandbox_is_named_and_all_others_stop(demo: Demo) -> None:
    demo.be_ready()
    children = demo.children()
    sandbox = next(pid for command, pid in children.items() if "-m sandbox" in command)

    os.kill(sandbox, signal.SIGKILL)

    assert demo.launcher.wait(15) == 1
    assert "propale: sandbox ended with code -9. The end of" in demo.text()
    assert not any(Path(f"/proc/{pid}").exists() for pid in children.values())


def test_port_in_use_is_one_sentence_with_the_remedy(tmp_path: Path) -> None:
    demo = Demo(tmp_path)
    port = int(demo.env["PORT"])
    with socket.create_server(("127.0.0.1", port)):
        done = subprocess.run(
            [ROOT / "propale", "demo", "--env", demo.file],
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert f"port {port} (PUBLIC_URL) is in use" in done.stderr
