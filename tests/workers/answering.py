"""A worker in the test's own process, for as long as there are rings."""

from redis import Redis
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from app.bell import ring_queue
from tests.support.house import House
from workers import drain


def answer(house: House, redis_url: str) -> None:
    """A worker that answers what rings there are, and leaves."""
    drain.use(house.drain)
    connection = Redis.from_url(redis_url)
    worker = SimpleWorker(
        [ring_queue(connection)], connection=connection, serializer=JSONSerializer
    )
    worker.work(burst=True, logging_level="WARNING")
