"""The sweep: every few seconds, rings for due messages and drains if no worker answers."""

from dataclasses import dataclass

from rq import Queue
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from app.accounts.retention import follow_departures
from app.bell import impatient_redis, ring_queue
from app.billing.reminders import add_due_reminders
from app.claims.turns import glance, seconds_to_next
from app.db import EVERY_TENANT
from app.logs import get_logger
from app.metrics.counts import sweeps
from app.proposals.close import expire_due_proposals
from app.reconcile.nightly import add_due_reconciliations
from app.runtime import Runtime
from workers.drain import Drain

SWEEP_SECONDS = 5.0
LEAST_PAUSE = 0.5
A_MOMENT = 0.05
UNANSWERED_SECONDS = 2.0

log = get_logger(__name__)


@dataclass
class Sweep:
    """Finds messages whose ring was lost; one thread in each worker process."""

    runtime: Runtime
    drain: Drain
    patience: float = UNANSWERED_SECONDS

    def run(self) -> None:
        queue = ring_queue(impatient_redis(self.runtime.settings.redis_url))
        pause = 0.0
        while not self.drain.stopping.wait(pause):
            pause = SWEEP_SECONDS
            try:
                self.look(queue)
                sweeps.inc()
                pause = self._until_next()
                self.runtime.database.outage.is_over()
            except (OperationalError, NoConnectionError) as error:
                self.runtime.database.outage.goes_on(getattr(error, "orig", error))
            except Exception:
                log.exception("a sweep failed; the next one comes soon", seconds=SWEEP_SECONDS)

    def look(self, queue: Queue) -> None:
        """One sweep: business dates that have passed, then messages that are due."""
        add_due_subjects(self.runtime)
        if not self._something_is_due():
            return
        rang = self.runtime.bell.ring_now(queue)
        if rang:
            self.drain.stopping.wait(self.patience)
        if not rang or self._something_is_due():
            self.drain.run()

    def _until_next(self) -> float:
        """The usual pause, or less where a retry is due or a dead worker's lease ends sooner."""
        with self.runtime.database.reading(EVERY_TENANT) as session:
            to_next = seconds_to_next(session, glance(session))
        if to_next is None:
            return SWEEP_SECONDS
        return min(SWEEP_SECONDS, max(to_next + A_MOMENT, LEAST_PAUSE))

    def _something_is_due(self) -> bool:
        with self.runtime.database.reading(EVERY_TENANT) as session:
            return glance(session).due


def add_due_subjects(runtime: Runtime) -> None:
    """Turn business dates that have passed into changes and messages."""
    now = runtime.clock.now()
    expire_due_proposals(runtime.database, now)
    add_due_reminders(runtime.database, now)
    add_due_reconciliations(runtime.database, now)
    follow_departures(runtime.database, now)
