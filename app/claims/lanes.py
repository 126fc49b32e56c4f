"""Lanes: all messages of one tenant for one provider. Only a few of a lane are worked at a time.

The limit holds exactly, however many processes claim at the same instant: only one of them at a
time claims from a lane (`take_lane`), and it leases a message only after counting what the others
have committed (`lane_has_room`).
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    String,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from app.db import UtcDateTime
from app.models import Message

PER_TENANT_AND_PROVIDER = 4
OPEN = ("pending", "leased")
# Written into the SQL, not bound: a database must read the condition to use its partial index.
PENDING = literal_column("'pending'", String)
LEASED = literal_column("'leased'", String)
NOW = bindparam("now", type_=UtcDateTime())


def is_open(message: type[Message] = Message) -> ColumnElement[bool]:
    return message.status.in_((PENDING, LEASED))


def is_due(
    now: datetime | ColumnElement[datetime], message: type[Message] = Message
) -> ColumnElement[bool]:
    """Its time has come, and it is pending or its process died during the work."""
    free = or_(message.status == PENDING, message.lease_until <= now)
    return and_(is_open(message), message.available_at <= now, free)


def take_lane(dialect: str, of: Any) -> ColumnElement[bool]:
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
