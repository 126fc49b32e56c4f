"""The doorbell: tells an idle worker, through RQ, to look at the messages."""

import threading
import time

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from app.logs import get_logger
from app.metrics.counts import ring_failures
from app.outages import Outage

QUEUE = "rings"
DRAIN = "workers.drain.answer_ring"
PATIENCE_SECONDS = 0.25
WAITING_RINGS = 2
JOB_TIMEOUT_SECONDS = 120
REST_SECONDS = 0.1
AWAY_SECONDS = 0.5

log = get_logger(__name__)


def impatient_redis(url: str) -> Redis:
    """A client that keeps its caller waiting 0.25 s at most, without a retry."""
    return Redis.from_url(
        url,
        socket_timeout=PATIENCE_SECONDS,
        socket_connect_timeout=PATIENCE_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def ring_queue(connection: Redis) -> Queue:
    return Queue(QUEUE, connection=connection, serializer=JSONSerializer)


class Bell:
    """Rings from a thread of its own, so that no request ever waits for Redis.

    Several `ring()` calls during one ring cause one more ring: the drain that answers claims all
    that is due. A ring that fails is counted; the sweep finds the messages without it.
    """

    def __init__(self, redis_url: str) -> None:
        self._redis_url = redis_url
        self._asked = threading.Event()
        self._start = threading.Lock()
        self._thread: threading.Thread | None = None
        self.failures = 0
        self.outage = Outage(log, "Redis", meanwhile="the sweep works without rings")

    def ring(self) -> None:
        """Ask for a ring; returns at once."""
        self._asked.set()
        if self._thread is None:
            with self._start:
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, daemon=True, name="bell")
                    self._thread.start()

    def _run(self) -> None:
        queue = ring_queue(impatient_redis(self._redis_url))
        while True:
            self._asked.wait()
            self._asked.clear()
            rang = self.ring_now(queue)
            # Many webhooks at once would otherwise keep this thread busy and slow down the others,
            # most of all with rings that fail.
            time.sleep(REST_SECONDS if rang else AWAY_SECONDS)

    def ring_now(self, queue: Queue) -> bool:
        """Enqueue one ring unless enough wait already; False when Redis did not answer."""
        try:
            if queue.count < WAITING_RINGS:
                queue.enqueue(DRAIN, job_timeout=JOB_TIMEOUT_SECONDS, result_ttl=0, failure_ttl=60)
        except (RedisError, OSError) as error:
            self.failures += 1
            ring_failures.inc()
            self.outage.goes_on(type(error).__name__)
            return False
        self.outage.is_over()
        return True
