"""How a claim takes the messages it chose: locked where they are still due, then leased."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update
from sqlalchemy.orm import Session

from app.claims.lanes import NOW, is_due, lane_has_room
from app.models import Message

# Built once and run without the ORM, because every claim waits for them.
_LOCK = (
    select(*Message.__table__.c)
    .where(Message.id.in_(bindparam("ids", expanding=True)), is_due(NOW))
    .with_for_update(skip_locked=True)
)
_LEASE_EACH = (
    update(Message)
    .where(Message.id == bindparam("message_id"), lane_has_room())
    .values(
        status="leased",
        attempts=bindparam("attempt"),
        doubts=bindparam("doubt"),
        deaths=bindparam("death"),
        lease_until=bindparam("until"),
    )
)


class LaneFull(Exception):  # noqa: N818  a matter of an instant, not a failure
    """Other workers already hold as many messages of one tenant and provider as are allowed."""


def lock_due(session: Session, ids: Sequence[int], now: datetime) -> list[Row[Any]]:
    """Read and lock those messages that are still due and that nobody else has locked."""
    rows = session.connection().execute(_LOCK, {"ids": ids, "now": now})
    return sorted(rows, key=lambda row: ids.index(row.id))


def lease_each(session: Session, leases: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Lease all in one round trip: message_id, attempt, doubt, death, until.

    Raises `LaneFull` where others leased from the lane since the messages were chosen.
    """
    rows = [{**lease, "now": now} for lease in leases]
    if session.connection().execute(_LEASE_EACH, rows).rowcount < len(rows):
        raise LaneFull
