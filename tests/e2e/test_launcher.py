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
from dataclasses import dataclass
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


@dataclass
class Demo:
    """A demo on ports of its own; `output` is where it writes."""

    launcher: subprocess.Popen[bytes]
    output: Path
    ports: list[int]

    def text(self) -> str:
        return self.output.read_text()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 60
        while READY not in self.text():
            assert self.launcher.poll() is None, self.text()
            assert time.monotonic() < deadline, self.text()
            time.sleep(0.05)

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


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    """The demo's own settings, moved to free ports and an empty folder."""
    text = (ROOT / "sandbox" / "demo.env").read_text()
    for port in sorted(set(re.findall(r"127\.0\.0\.1:(\d+)", text))):
        text = re.sub(rf"\b{port}\b", str(free_port()), text)
    file = tmp_path / "demo.env"
    file.write_text(text.replace(".data", str(tmp_path / "data")))
    return file


@pytest.fixture
def demo(env_file: Path, tmp_path: Path) -> Iterator[Demo]:
    output = tmp_path / "output"
    with output.open("wb") as out:
        launcher = subprocess.Popen(
            [ROOT / "propale", "demo", "--env", env_file], stdout=out, stderr=subprocess.STDOUT
        )
    ports = {int(port) for port in re.findall(r"127\.0\.0\.1:(\d+)", env_file.read_text())}
    yield Demo(launcher, output, sorted(ports))
    launcher.send_signal(signal.SIGTERM)
    launcher.wait(15)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_stop_signal_leaves_nothing_running(demo: Demo, sign: signal.Signals) -> None:
    demo.wait_until_ready()
    children = demo.children()
    assert len(children) == 4, children
    assert all(listens("127.0.0.1", port) for port in demo.ports)

    demo.launcher.send_signal(sign)

    assert demo.launcher.wait(15) == 0, demo.text()
    assert not any(Path(f"/proc/{pid}").exists() for pid in children.values())
    assert not any(listens("127.0.0.1", port) for port in demo.ports)


def test_dead_sandbox_is_named_and_all_others_stop(demo: Demo) -> None:
    demo.wait_until_ready()
    children = demo.children()
    sandbox = next(pid for command, pid in children.items() if "-m sandbox" in command)

    os.kill(sandbox, signal.SIGKILL)

    assert demo.launcher.wait(15) == 1
    assert "propale: sandbox ended with code -9. The end of" in demo.text()
    assert not any(Path(f"/proc/{pid}").exists() for pid in children.values())


def test_web_killed_from_the_control_page_starts_again(demo: Demo, env_file: Path) -> None:
    demo.wait_until_ready()
    env = dict(line.split("=", 1) for line in env_file.read_text().splitlines() if "=" in line)
    control = env["HUBSPOT_API_BASE"].replace("/hubspot", "/control/buttons/kill")

    requests.post(control, data={"process": "web"}, timeout=5).raise_for_status()

    deadline = time.monotonic() + 60
    while not (
        "propale: web was killed" in demo.text() and answers(env["PUBLIC_URL"] + "/healthz")
    ):
        assert demo.launcher.poll() is None, demo.text()
        assert time.monotonic() < deadline, demo.text()
        time.sleep(0.05)


@pytest.mark.long
def test_worker_killed_while_charging_loses_and_doubles_nothing(demo: Demo, env_file: Path) -> None:
    demo.wait_until_ready()
    env = dict(line.split("=", 1) for line in env_file.read_text().splitlines() if "=" in line)
    sandbox = env["HUBSPOT_API_BASE"].removesuffix("/hubspot")
    data, sale = env_file.with_name("data"), make_sale(0, Random(1))
    postman = Postman(data / "sandbox.db", lambda: sale.settled)
    threading.Thread(target=postman.work, daemon=True).start()
    Rep(env["PUBLIC_URL"], sandbox, lambda: False).send(sale)
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


def test_second_start_keeps_the_data(demo: Demo, env_file: Path) -> None:
    demo.wait_until_ready()
    demo.launcher.send_signal(signal.SIGINT)
    demo.launcher.wait(15)
    installed = tenants(env_file)
    assert len(installed) == 1

    again = subprocess.Popen(
        [ROOT / "propale", "demo", "--env", env_file], stdout=subprocess.PIPE, text=True
    )

    assert again.stdout
    assert READY + "\n" in iter(again.stdout.readline, "")
    again.send_signal(signal.SIGINT)
    assert again.wait(15) == 0
    assert tenants(env_file) == installed


def tenants(env_file: Path) -> list[tuple[object, ...]]:
    """Read who has installed the product, from the demo's database."""
    file = env_file.with_name("data") / "propale.db"
    with contextlib.closing(sqlite3.connect(file)) as connection:
        return connection.execute("SELECT id, hub_id FROM tenants").fetchall()


def test_port_in_use_is_one_sentence_with_the_remedy(env_file: Path) -> None:
    port = int(re.findall(r"^PORT=(\d+)", env_file.read_text(), re.MULTILINE)[0])
    with socket.create_server(("127.0.0.1", port)):
        done = subprocess.run(
            [ROOT / "propale", "demo", "--env", env_file],
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert f"port {port} (PUBLIC_URL) is in use" in done.stderr
