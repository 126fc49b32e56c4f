"""Messages that were never sent: given up, or open for longer than any retry explains."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, String, and_, literal_column, select

from app.claims.lanes import is_open
from app.db import Database
from app.models import Message
from app.reconcile.differences import Difference, Kind

PAGE = 100
LONG = timedelta(days=1)
DEAD = literal_column("'dead'", String)
# What a deal shows is compared with HubSpot itself, and a reconciliation is this one.
SEEN_OTHERWISE = ("hubspot.sync_deal", "hubspot.reconcile", "stripe.reconcile")


def unsent_messages(
    database: Database, tenant_id: int, now: datetime
) -> Iterator[list[Difference]]:
    """A page of differences for each page of such messages; `now` is wall time.

    None is sent again from here: whether that would double something, a person can judge.
    """
    late = and_(is_open(Message), Message.created_at < now - LONG)
    for unsent in (Message.status == DEAD, late):  # each has an index of its own
        last = 0
        while page := _next_page(database, tenant_id, last, unsent):
            yield [_unsent(message) for message in page]
            last = page[-1].id


def _next_page(
    database: Database, tenant_id: int, last: int, unsent: ColumnElement[bool]
) -> Sequence[Message]:
    page = select(Message).where(unsent, Message.id > last, Message.kind.not_in(SEEN_OTHERWISE))
    with database.reading(tenant_id) as session:
        return session.scalars(page.order_by(Message.id).limit(PAGE)).all()


def _unsent(message: Message) -> Difference:
    kind = Kind.MESSAGE_DEAD if message.status == "dead" else Kind.MESSAGE_LATE
    values = {"kind": message.kind, "since": f"{message.created_at:%Y-%m-%d}"}
    return Difference(kind, str(message.id), values)
