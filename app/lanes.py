"""Lanes: all messages of one tenant for one provider. Only a few of a lane are worked at a time.

The limit holds exactly, however many processes claim at the same instant: only one of them at a
time claims from a lane (`_take_lane`), and it leases a message only after counting what the others
have committed (`lane_has_room`).
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    Select,
    String,
    Subquery,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session, aliased

from app.db import UtcDateTime
from app.models import Message, Pause

PER_TENANT_AND_PROVIDER = 4
# Written into the SQL, not bound: a database must read the condition to use its partial index.
PENDING = literal_column("'pending'", String)
LEASED = literal_column("'leased'", String)
OPEN = Message.status.in_((PENDING, LEASED))
NOW = bindparam("now", type_=UtcDateTime())


def is_due(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    waits = and_(Message.status == PENDING, Message.available_at <= now)
    died = and_(Message.status == LEASED, Message.lease_until <= now)
    return and_(OPEN, or_(waits, died))


def due_messages(session: Session, limit: int, now: datetime) -> Sequence[Message]:
    """The first few due messages of each lane, locked, so that no backlog hides the others.

    Lanes from which another process is claiming at this instant are left out.
    """
    values = {"now": now, "places": PER_TENANT_AND_PROVIDER + limit, "rows": limit * 8}
    return session.scalars(_statement(session.get_bind().dialect.name), values).all()


@cache
def _statement(dialect: str) -> Select[Message]:
    """Built once, because building it takes as long as the rest of a claim."""
    near = _near(dialect)
    return (
        select(Message)
        .join(near, near.c.id == Message.id)
        .where(near.c.taken, is_due(NOW))
        .order_by(near.c.place, Message.available_at, Message.id)
        .with_for_update(of=Message, skip_locked=True)
    )


def _near(dialect: str) -> Subquery:
    """The candidates: each lane's first few, with whether this claimer could take the lane.

    Rows are locked only after this, so a claimer without the lane holds none of its rows.
    """
    paused = exists().where(
        Pause.tenant_id == Message.tenant_id, Pause.provider == Message.provider, Pause.until > NOW
    )
    place = func.row_number().over(
        partition_by=(Message.tenant_id, Message.provider),
        order_by=(Message.available_at, Message.id),
    )
    columns = (Message.id, Message.tenant_id, Message.provider, Message.available_at)
    ranked = select(*columns, place.label("place")).where(is_due(NOW), ~paused).subquery().c
    return (
        select(ranked.id, ranked.place, _take_lane(dialect, ranked).label("taken"))
        .where(ranked.place <= bindparam("places", type_=Integer))
        .order_by(ranked.place, ranked.available_at, ranked.id)
        .limit(bindparam("rows", type_=Integer))
        .subquery()
    )


def _take_lane(dialect: str, of: Any) -> ColumnElement[bool]:
    """Lock the lane until the commit; False where another has it. SQLite has one writer anyway.

    https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
    """
    if dialect == "sqlite":
        return true()
    lane = func.hashtextextended(of.provider, of.tenant_id)
    return func.pg_try_advisory_xact_lock(lane, type_=Boolean)


def lane_has_room() -> ColumnElement[bool]:
    """The condition of a lease: fewer of the lane are in work at `now` than are allowed.

    It stands in the UPDATE itself, which sees what was committed before the lane was taken.
    """
    other = aliased(Message)
    lane = (other.tenant_id == Message.tenant_id, other.provider == Message.provider)
    living = select(func.count()).where(*lane, other.status == LEASED, other.lease_until > NOW)
    return living.scalar_subquery() < PER_TENANT_AND_PROVIDER
