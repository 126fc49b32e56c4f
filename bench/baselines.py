"""What the webhook route is measured against: a bare app and a naive one.

gunicorn serves `bench.baselines:bare()` and `bench.baselines:naive()`; both read DATABASE_URL
and REDIS_URL as the product does.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import time
from typing import Any

import psycopg
import stripe
from flask import Flask, Response, request
from redis import Redis
from rq import Queue
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.pool import QueuePool

from bench.events import SECRET
from bench.servers import WEB_THREADS

TABLES = (
    "CREATE TABLE bare_events (id bigserial PRIMARY KEY, key text UNIQUE, body text)",
    "CREATE TABLE naive_events (id bigserial PRIMARY KEY, key text UNIQUE, type text, body text)",
)
_INSERT = "INSERT INTO bare_events (key, body) VALUES (%s, %s) ON CONFLICT DO NOTHING"


def bare() -> Flask:
    """The least that keeps a signed webhook: bare HMAC and one raw insert.

    It reads nothing of the body; the signature, unique as the event is, serves as the key.
    """
    app = Flask(__name__, static_folder=None)
    url = os.environ["DATABASE_URL"].replace("+psycopg", "", 1)

    def connect() -> Any:
        return psycopg.connect(url, autocommit=True)

    pool = QueuePool(connect, pool_size=WEB_THREADS, reset_on_return=None)

    @app.post("/webhook")
    def store() -> Response:
        body = request.get_data()
        signature = _checked(request.headers["Stripe-Signature"], body)
        connection = pool.connect()
        try:
            connection.cursor().execute(_INSERT, (signature, body.decode()))
        finally:
            connection.close()
        return Response(status=200)

    return app


def _checked(header: str, body: bytes) -> str:
    parts = dict(part.split("=", 1) for part in header.split(","))
    signed = parts["t"].encode() + b"." + body
    expected = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, parts["v1"]) or abs(time.time() - int(parts["t"])) > 300:
        raise PermissionError("not signed by Stripe")
    return parts["v1"]


class _Base(DeclarativeBase):
    pass


class _Event(_Base):
    __tablename__ = "naive_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str]
    type: Mapped[str]
    body: Mapped[str]


def naive() -> Flask:
    """What the libraries' first pages suggest: SDK objects, an ORM row, a job from the request."""
    app = Flask(__name__, static_folder=None)
    engine = create_engine(os.environ["DATABASE_URL"], pool_size=WEB_THREADS)
    jobs = Queue("naive", connection=Redis.from_url(os.environ["REDIS_URL"]))

    @app.post("/webhook")
    def store() -> Response:
        body = request.get_data()
        event = stripe.Webhook.construct_event(body, request.headers["Stripe-Signature"], SECRET)
        with Session(engine) as session:
            row = _Event(key=event.id, type=event.type, body=body.decode())
            session.add(row)
            session.commit()
            jobs.enqueue("bench.baselines.nothing", row.id)
        return Response(status=200)

    return app
