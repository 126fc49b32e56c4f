"""The counts of all processes, added up in one table."""

import atexit
import json
import threading
from collections import defaultdict
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Metric
from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from app.db import EVERY_TENANT, Database, ScopedSession
from app.metrics.counts import COUNTED
from app.models import Tally
from app.patience import answered_within

STORE_SECONDS = 10.0
PATIENCE_SECONDS = 2.0
Sample = tuple[str, str]


class Tallies:
    """Adds to the table what this process has counted since the last time."""

    def __init__(self, database: Database, counted: CollectorRegistry = COUNTED) -> None:
        self._database = database
        self._counted = counted
        self._stored: dict[Sample, float] = {}
        self._turn = threading.Lock()

    def start(self) -> None:
        """Store every few seconds, and once more at the end of this process."""
        threading.Thread(target=self._keep_storing, daemon=True, name="tallies").start()
        atexit.register(self._try)

    def store(self) -> None:
        """Raises `DBAPIError`; nothing is lost then, the next time adds it."""
        with self._turn:
            now = _samples(self._counted)
            added = {key: value - self._stored.get(key, 0.0) for key, value in now.items()}
            rows = [
                {"name": name, "labels": labels, "value": value}
                # The same order in every process, so that two cannot block each other.
                for (name, labels), value in sorted(added.items())
                if value
            ]
            if rows:
                with (
                    answered_within(PATIENCE_SECONDS),
                    self._database.writing(EVERY_TENANT) as session,
                ):
                    _add(session, rows)
            self._stored = now

    def _keep_storing(self) -> None:
        pause = threading.Event()
        while not pause.wait(STORE_SECONDS):
            self._try()

    def _try(self) -> None:
        try:
            self.store()
        except (DBAPIError, NoConnectionError) as error:
            self._database.outage.goes_on(getattr(error, "orig", error))


def read_tallies(session: ScopedSession) -> Iterable[Metric]:
    """What all processes have counted, as Prometheus knows it."""
    values: dict[str, list[tuple[dict[str, str], float]]] = defaultdict(list)
    for row in session.scalars(select(Tally).order_by(Tally.name, Tally.labels)):
        values[row.name].append((json.loads(row.labels), row.value))
    for known in COUNTED.collect():
        metric = Metric(known.name, known.documentation, known.type)
        for ending in ("_total", "_bucket", "_count", "_sum"):
            for labels, value in values[known.name + ending]:
                metric.add_sample(known.name + ending, labels, value)
        yield metric


def _samples(counted: CollectorRegistry) -> dict[Sample, float]:
    return {
        (sample.name, json.dumps(sample.labels, sort_keys=True)): sample.value
        for metric in counted.collect()
        for sample in metric.samples
    }


def _add(session: ScopedSession, rows: list[dict[str, object]]) -> None:
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    new = dialect.insert(Tally)
    more = {"value": Tally.value + new.excluded.value}
    session.execute(new.on_conflict_do_update(index_elements=["name", "labels"], set_=more), rows)
