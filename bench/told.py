"""From a customer's click to the team's Slack, beside an RQ job that does nothing and one POST."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

import psycopg
import requests
from redis import Redis

from app.tokens import token_hash
from bench.figures import Figure, Goal, Report, percentile
from bench.noop import Noop
from bench.people import Offer, accept, send_proposals
from bench.servers import BenchError, Stage, stage
from sandbox import demo_processes

SLOW, FAST = 5, 20  # acceptances a second; the goals hold at the slow rate
WARM_UP, AT_SLOW, AT_FAST = 20, 100, 100
SLACK_TOKEN = "xoxb-sandbox-token"
MOST_P50, MOST_P99 = 3.0, 30.0
SECONDS_TO_TELL = 60
_KEY = "{tenant}:slack.accepted:{proposal}"
# The database itself says when an acceptance was committed; its row is never touched again.
_COMMITTED = """SELECT a.tenant_id, a.proposal_id, p.token_hash, pg_xact_commit_timestamp(a.xmin)
FROM acceptances a JOIN proposals p ON p.id = a.proposal_id"""


@dataclass
class Run:
    """Times at one rate, in milliseconds; moments by link, then by Slack's message."""

    rate: int
    clicked: dict[str, float] = field(default_factory=dict)
    committed: dict[str, float] = field(default_factory=dict)
    redirected: list[float] = field(default_factory=list)
    baseline: list[float] = field(default_factory=list)
    from_click: list[float] = field(default_factory=list)
    from_commit: list[float] = field(default_factory=list)


def measure() -> Report:
    """Send proposals, accept them at two rates, and read when Slack heard of each."""
    with stage() as here, psycopg.connect(here.database_url, autocommit=True) as database:
        _start(here)
        noop = Noop(
            Redis.from_url(here.env["REDIS_URL"]),
            here.env["SLACK_API_BASE"] + "auth.test",
            SLACK_TOKEN,
        )
        offers = iter(send_proposals(here.env, WARM_UP + AT_SLOW + AT_FAST))
        runs = []
        for rate, number in ((SLOW, WARM_UP), (SLOW, AT_SLOW), (FAST, AT_FAST)):
            run = Run(rate)
            _accept_all(run, [next(offers) for _ in range(number)], noop)
            _read_arrivals(run, here, database)
            runs.append(run)
    return _report(*runs[1:])


def _start(here: Stage) -> None:
    """The demo's processes, on PostgreSQL, and the baseline's worker."""
    demo_processes.start_sandbox(here.processes)
    demo_processes.start_web(here.processes, here.env)
    demo_processes.start_worker(here.processes)
    here.processes.start("noop", "python", "-m", "bench.noop")
    demo_processes.wait_for_sandbox(here.processes, here.env)
    demo_processes.wait_for_web(here.processes, here.env)
    demo_processes.install(here.processes)


def _accept_all(run: Run, offers: list[Offer], noop: Noop) -> None:
    """One acceptance every 1/rate seconds, and halfway to the next one the baseline."""
    begun = time.perf_counter()
    customers = ThreadPoolExecutor(len(offers))
    clicks = []
    for number, offer in enumerate(offers):
        _sleep_until(begun + number / run.rate)
        clicks.append(customers.submit(partial(_click, run, offer)))
        _sleep_until(begun + (number + 0.5) / run.rate)
        run.baseline.append(1000 * noop.seconds())
    for click in clicks:
        run.redirected.append(1000 * click.result())
    customers.shutdown()


def _click(run: Run, offer: Offer) -> float:
    run.clicked[token_hash(offer.link.rsplit("/", 1)[1])] = time.time()
    return accept(offer)


def _sleep_until(moment: float) -> None:
    threading.Event().wait(max(0.0, moment - time.perf_counter()))


def _read_arrivals(run: Run, here: Stage, database: psycopg.Connection) -> None:
    """Bring together when a customer clicked, when that was committed and when Slack heard."""
    for tenant, proposal, link, committed in database.execute(_COMMITTED).fetchall():
        if link in run.clicked:
            key = _KEY.format(tenant=tenant, proposal=proposal)
            run.committed[key] = committed.timestamp()
            run.clicked[key] = run.clicked.pop(link)
    arrived = _wait_for_arrivals(here, run.committed.keys())
    for key, moment in arrived.items():
        run.from_click.append(1000 * (moment - run.clicked[key]))
        run.from_commit.append(1000 * (moment - run.committed[key]))


def _wait_for_arrivals(here: Stage, keys: AbstractSet[str]) -> dict[str, float]:
    """When each of these messages first arrived at Slack, by its operation key."""
    journal = here.env["HUBSPOT_API_BASE"].replace("/hubspot", "/control/journal?vendor=slack")
    deadline, found = time.monotonic() + SECONDS_TO_TELL, dict[str, float]()
    while time.monotonic() < deadline:
        for entry in requests.get(journal, timeout=30).json()["entries"]:
            if entry["path"].endswith("/chat.postMessage"):
                key = json.loads(entry["body"])["metadata"]["event_payload"]["message_id"]
                moment = datetime.fromisoformat(entry["at"]).timestamp()
                found[key] = min(moment, found.get(key, moment))
        if found.keys() >= keys:
            return {key: found[key] for key in keys}
        time.sleep(0.5)
    missing = len(keys - found.keys())
    raise BenchError(f"Slack did not hear of {missing} acceptances within {SECONDS_TO_TELL} s")


def _report(slow: Run, fast: Run) -> Report:
    base = percentile(slow.baseline, 50)
    p50, p99 = percentile(slow.from_commit, 50) / base, percentile(slow.from_commit, 99) / base
    of_base = "commit to Slack beside an RQ no-op + one POST"
    return Report(
        f"Acceptance to Slack ({AT_SLOW} at {SLOW}/s, {AT_FAST} at {FAST}/s, one worker)",
        [
            Goal(Figure(f"p50 at {SLOW}/s / baseline", p50, "x", of_base), most=MOST_P50),
            Goal(Figure(f"p99 at {SLOW}/s / baseline", p99, "x", of_base), most=MOST_P99),
        ],
        [*_figures(slow), *_figures(fast)],
        [
            {"rate": run.rate, "from_click": click, "from_commit": commit}
            for run in (slow, fast)
            for click, commit in zip(run.from_click, run.from_commit, strict=True)
        ],
    )


def _figures(run: Run) -> list[Figure]:
    measured = (
        ("baseline", run.baseline, "RQ SimpleWorker no-op + one local POST"),
        ("commit to Slack", run.from_commit, "from the database's commit to the arrival"),
        ("click to Slack", run.from_click, "from the customer's POST to the arrival"),
        ("click to redirect", run.redirected, "until her browser was sent on to Stripe's page"),
    )
    return [
        Figure(f"{run.rate}/s: {name}, p{percent}", percentile(times, percent), "ms", meaning)
        for name, times, meaning in measured
        for percent in (50, 99)
    ]
