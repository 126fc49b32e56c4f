"""The blows: when each falls is drawn from the seed, what each does is below, one function each."""

from __future__ import annotations

import contextlib
import heapq
import itertools
import os
import signal
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import requests

from tests.chaos.disturbances import LONG_FAULTS, VENDOR_FAULTS, WEBHOOKS, Disturbance
from tests.chaos.stage import WEBS, WORKERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.chaos.stage import Stage

BLOW_SECONDS = 1.0  # on average
CATCH_SECONDS = 5.0  # so long a killer of workers waits for one to be at work
LONG_SECONDS = 120  # a storm that has time for the longest faults
PORTALS = (148111, 148222)
# A lease that was just taken or renewed: its worker lives.
_AT_WORK = """SELECT count(*) FROM messages
WHERE status = 'leased' AND lease_until > now() + interval '9 seconds'"""
_CUT = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND application_name <> 'observer'"""


@dataclass(frozen=True)
class Planned:
    """A blow by name, seconds after the beginning, and the seed of what it draws."""

    at: float
    name: str
    seed: str


@dataclass
class Storm:
    """Call `look` all the time from the main thread, then `calm` once."""

    stage: Stage
    plan: list[Planned]
    kills: list[float] = field(default_factory=list)  # of workers, Unix seconds
    outages: list[float] = field(default_factory=list)  # of the database
    fallen: list[str] = field(default_factory=list)
    ended_alone: list[str] = field(default_factory=list)
    _down: set[str] = field(default_factory=set)
    _later: list[tuple[float, int, Callable[[], object]]] = field(default_factory=list)
    _count: itertools.count[int] = field(default_factory=itertools.count)

    def look(self, passed: float) -> None:
        """Let fall what is due after so many seconds, and mend what is due to be mended."""
        while self._later and self._later[0][0] <= time.monotonic():
            heapq.heappop(self._later)[2]()
        self._revive_the_others()
        if self.plan and self.plan[0].at <= passed:
            blow = self.plan.pop(0)
            self.fallen.append(blow.name)
            print(f"{passed:6.1f} s  {blow.name}", flush=True)
            BLOWS[blow.name](self, Random(blow.seed))

    def calm(self) -> None:
        """Everything runs again, nothing is armed, held webhooks go."""
        while self._later:
            heapq.heappop(self._later)[2]()
        sandbox = self.stage.sandbox_url
        requests.delete(f"{sandbox}/control/faults", timeout=30).raise_for_status()
        self.post("/stripe/control/deliveries", {"action": "calm"})

    def post(self, path: str, body: dict[str, Any]) -> None:
        requests.post(f"{self.stage.sandbox_url}{path}", json=body, timeout=30).raise_for_status()

    def kill(self, name: str, seconds: float) -> None:
        """SIGKILL a process now, start it again after some seconds."""
        if name not in self._down:
            self._down.add(name)
            self.stage.kill(name)
            self.later(seconds, partial(self._start_again, name))

    def later(self, seconds: float, action: Callable[[], object]) -> None:
        heapq.heappush(self._later, (time.monotonic() + seconds, next(self._count), action))

    def catch_at_work(self) -> None:
        """Stop the workers where one is at work, so that a kill hits a message."""
        deadline = time.monotonic() + CATCH_SECONDS
        with self.stage.connect() as ours:
            while time.monotonic() < deadline:
                self._signal_workers(signal.SIGSTOP)
                if ours.execute(_AT_WORK).fetchall() != [(0,)]:
                    return
                self._signal_workers(signal.SIGCONT)
                time.sleep(0.02)

    def let_go_on(self) -> None:
        self._signal_workers(signal.SIGCONT)

    def _signal_workers(self, sign: signal.Signals) -> None:
        for name in WORKERS:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.stage.processes.running[name].pid, sign)

    def _start_again(self, name: str) -> None:
        self.stage.processes.start_again(name)
        self._down.discard(name)

    def _revive_the_others(self) -> None:
        """A process that ended without our doing is started again, and remembered."""
        for name, process in self.stage.processes.running.items():
            if name not in self._down and process.poll() is not None:
                self.ended_alone.append(f"{name} (code {process.returncode})")
                self.stage.processes.start_again(name)


def make_plan(seed: int, seconds: float) -> list[Planned]:
    """Draw the blows of a storm: every kind once before any comes again, workers at work first."""
    rng, plan, at, bag = Random(seed), list[Planned](), BLOW_SECONDS, list[str]()
    names = [name for name in BLOWS if name not in LONG_FAULTS or seconds >= LONG_SECONDS]
    while at < seconds:
        if not bag:
            bag = rng.sample(names, len(names))
        name = "kill both workers" if not plan else bag.pop()
        plan.append(Planned(at, name, f"{seed}:{len(plan)}"))
        at += BLOW_SECONDS * rng.uniform(0.5, 1.5)
    return plan


def _kill_workers(storm: Storm, rng: Random, *, both: bool) -> None:
    names = WORKERS if both else (rng.choice(WORKERS),)
    storm.catch_at_work()
    storm.kills.append(time.time())
    for name in names:
        storm.kill(name, rng.uniform(0.5, 2.0))
    storm.let_go_on()


def _kill_webs(storm: Storm, rng: Random, *, both: bool) -> None:
    for name in WEBS if both else (rng.choice(WEBS),):
        storm.kill(name, rng.uniform(0.5, 2.0))


def _kill_gunicorns_child(storm: Storm, rng: Random) -> None:
    """The master goes on, and forks a new one."""
    head = storm.stage.processes.running[rng.choice(WEBS)].pid
    children = Path(f"/proc/{head}/task/{head}/children")
    try:
        for pid in children.read_text(encoding="ascii").split():
            os.kill(int(pid), signal.SIGKILL)
    except OSError:
        return  # it is down already


def _restart_redis(storm: Storm, rng: Random) -> None:
    """It forgets everything: it keeps no files."""
    storm.kill("redis", rng.uniform(0.2, 2.0))


def _freeze_redis(storm: Storm, rng: Random) -> None:
    process = storm.stage.processes.running["redis"]
    if process.poll() is None:
        process.send_signal(signal.SIGSTOP)
        storm.later(rng.uniform(1.0, 4.0), partial(process.send_signal, signal.SIGCONT))


def _cut_connections(storm: Storm, _rng: Random) -> None:
    storm.outages.append(time.time())
    with storm.stage.connect() as ours:
        ours.execute(_CUT)


def _restart_postgres(storm: Storm, rng: Random, *, sign: signal.Signals) -> None:
    """SIGINT: a fast shutdown; SIGQUIT: an immediate one, which recovers at its start."""
    storm.outages.append(time.time())
    own = storm.stage.postgres
    pid = int((own.server.folder / "data" / "postmaster.pid").read_text().split()[0])
    os.kill(pid, sign)
    own.stop()
    time.sleep(rng.uniform(0.0, 1.0))
    own.start()


def _expire_tokens(storm: Storm, rng: Random) -> None:
    storm.post("/control/hubspot/expire-tokens", {"portal": rng.choice(PORTALS)})


def _disturb_webhooks(storm: Storm, rng: Random, *, action: str) -> None:
    given = {"action": action, "times": rng.randint(1, 4), "seconds": rng.uniform(1, 5)}
    storm.post("/stripe/control/deliveries", given)


def _arm_fault(storm: Storm, rng: Random, *, fault: Disturbance) -> None:
    """Not always the next call of its kind: sometimes one of the next four."""
    storm.post("/control/faults", {**fault, "skip": rng.randint(0, 3)})


BLOWS: dict[str, Callable[[Storm, Random], None]] = {
    "kill a worker": partial(_kill_workers, both=False),
    "kill both workers": partial(_kill_workers, both=True),
    "kill a web": partial(_kill_webs, both=False),
    "kill both webs": partial(_kill_webs, both=True),
    "kill a gunicorn's child": _kill_gunicorns_child,
    "restart Redis": _restart_redis,
    "freeze Redis": _freeze_redis,
    "cut database connections": _cut_connections,
    "restart PostgreSQL, fast": partial(_restart_postgres, sign=signal.SIGINT),
    "restart PostgreSQL, immediate": partial(_restart_postgres, sign=signal.SIGQUIT),
    "expire HubSpot's tokens": _expire_tokens,
    **{f"webhooks: {action}": partial(_disturb_webhooks, action=action) for action in WEBHOOKS},
    **{
        name: partial(_arm_fault, fault=fault)
        for name, fault in (VENDOR_FAULTS | LONG_FAULTS).items()
    },
}
