"""Which due messages are worked next, so that one busy tenant cannot starve others."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from app.db import UtcDateTime, database_clock
from app.models import Message, Pause

PER_TENANT_AND_PROVIDER = 4


@dataclass(frozen=True, slots=True)
class Glance:
    """The database's clock, whether a message waits for work, whether one is being worked."""

    now: datetime
    due: bool
    leased: bool


def glance(session: Session, now: datetime | None = None) -> Glance:
    """Ask in one cheap statement whether anything is due; mostly nothing is."""
    clock = literal(now, UtcDateTime()) if now else database_clock(session)
    due, leased = exists().where(_is_due(clock)), exists().where(Message.status == "leased")
    return Glance(*session.execute(select(clock, due, leased)).one())


def seconds_to_next(session: Session, seen: Glance) -> float | None:
    """How long until another message comes due or another lease ends; None: nothing is open."""
    moment = case((Message.status == "pending", Message.available_at), else_=Message.lease_until)
    to_come = select(func.min(moment)).where(
        Message.status.in_(("pending", "leased")), moment > seen.now
    )
    nearest: datetime | None = session.scalars(to_come).one()
    return (nearest - seen.now).total_seconds() if nearest else None


def due_since(session: Session, now: datetime) -> datetime | None:
    """Since when the longest waiting message has been due; during a pause none is due."""
    lane = and_(Pause.tenant_id == Message.tenant_id, Pause.provider == Message.provider)
    since = case((Pause.until > Message.available_at, Pause.until), else_=Message.available_at)
    oldest = select(func.min(since)).select_from(Message).outerjoin(Pause, lane)
    moment: datetime | None = session.scalars(
        oldest.where(
            Message.status.in_(("pending", "leased")), Message.available_at <= now, since <= now
        )
    ).one()
    return moment


def choose(session: Session, limit: int, seen: Glance) -> list[Message]:
    """Up to `limit` due messages that may be worked now, locked, in the order of their turns."""
    now, leased = seen.now, _leased(session, seen.now) if seen.leased else []
    lanes = Counter((row.tenant_id, row.provider) for row in leased if row.living)
    holders = {(row.tenant_id, row.subject): row.id for row in leased if row.subject}
    chosen: list[Message] = []
    for row in _in_turn(_due(session, limit, now), lanes):
        lane, subject = (row.tenant_id, row.provider), (row.tenant_id, row.subject)
        held_by_other = row.subject and holders.setdefault(subject, row.id) != row.id
        if len(chosen) == limit or held_by_other or lanes[lane] >= PER_TENANT_AND_PROVIDER:
            continue
        lanes[lane] += 1
        chosen.append(row)
    return chosen


def _leased(session: Session, now: datetime) -> Sequence[Any]:
    living = (Message.lease_until > now).label("living")
    columns = (Message.id, Message.tenant_id, Message.provider, Message.subject, living)
    return session.execute(select(*columns).where(Message.status == "leased")).all()


def _in_turn(rows: Iterable[Message], lanes: Counter[tuple[int, str]]) -> list[Message]:
    """Sort rows so that every lane gets its first message before any gets its second.

    A lane is one tenant and provider; its messages in work count.
    """
    dealt = lanes.copy()

    def turn(row: Message) -> int:
        dealt[row.tenant_id, row.provider] += 1
        return dealt[row.tenant_id, row.provider]

    return sorted(rows, key=turn)


def _is_due(now: datetime | ColumnElement[datetime]) -> ColumnElement[bool]:
    return or_(
        and_(Message.status == "pending", Message.available_at <= now),
        and_(Message.status == "leased", Message.lease_until <= now),
    )


def _due(session: Session, limit: int, now: datetime) -> Sequence[Message]:
    """The first few due rows of each tenant and provider, so that nobody's backlog hides others."""
    due = _is_due(now)
    paused = exists().where(
        Pause.tenant_id == Message.tenant_id, Pause.provider == Message.provider, Pause.until > now
    )
    place = func.row_number().over(
        partition_by=(Message.tenant_id, Message.provider),
        order_by=(Message.available_at, Message.id),
    )
    ranked = select(Message.id, place.label("place")).where(due, ~paused).subquery()
    return session.scalars(
        select(Message)
        .join(ranked, ranked.c.id == Message.id)
        .where(ranked.c.place <= PER_TENANT_AND_PROVIDER + limit, due)
        .order_by(ranked.c.place, Message.available_at, Message.id)
        .limit(limit * 8)
        .with_for_update(of=Message, skip_locked=True)
    ).all()
