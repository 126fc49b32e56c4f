"""What stands in our tables at this moment: read when Prometheus asks, a few cheap statements."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import Select, case, func, select

from app.claims.lanes import LEASED, is_open
from app.claims.turns import due_since_of_kinds
from app.db import ScopedSession, database_now
from app.models import Connection, Message, Purchase, RefusedConfiguration
from app.models.messages import DEAD


def read_standing(session: ScopedSession) -> Iterator[GaugeMetricFamily]:
    now = database_now(session)
    yield _gauge(
        "propale_messages_open",
        "Messages to be worked: due, leased (in work) or later.",
        ("kind", "state"),
        session.execute(_open_messages(now)),
    )
    yield _gauge(
        "propale_messages_due_seconds",
        "How long the oldest due message has waited; what its vendor paused is not due.",
        ("kind",),
        ((kind, (now - since).total_seconds()) for kind, since in due_since_of_kinds(session, now)),
    )
    yield _gauge(
        "propale_dead_letters",
        "Messages that were given up and wait for a person: ./propale messages.",
        ("kind",),
        session.execute(_count(Message.kind).where(DEAD)),
    )
    yield _gauge(
        "propale_purchases",
        "Accepted proposals by the status of their money.",
        ("status",),
        session.execute(_count(Purchase.status)),
    )
    yield _gauge(
        "propale_connections",
        "Tenants' connections to vendors by status.",
        ("provider", "status"),
        session.execute(_count(Connection.provider, Connection.status)),
    )
    yield _gauge(
        "propale_refused",
        "Vendors that this server's own settings keep everybody from.",
        ("provider", "code"),
        session.execute(_count(RefusedConfiguration.provider, RefusedConfiguration.code)),
    )


def _gauge(
    name: str, documentation: str, labels: tuple[str, ...], rows: Iterable[Any]
) -> GaugeMetricFamily:
    """One gauge; each row holds its labels and at last its value."""
    gauge = GaugeMetricFamily(name, documentation, labels=labels)
    for *names, value in rows:
        gauge.add_metric(names, value)
    return gauge


def _count(*columns: Any) -> Select[Any]:
    return select(*columns, func.count()).group_by(*columns)


def _open_messages(now: datetime) -> Select[Any]:
    waiting = case((Message.available_at <= now, "due"), else_="later")
    state = case((Message.status == LEASED, "leased"), else_=waiting)
    return _count(Message.kind, state).where(is_open())
