"""Which due messages are worked next, so that one busy tenant cannot starve others."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, select
from sqlalchemy.orm import Session

from app.claims.candidates import Candidate, find_candidates
from app.claims.lanes import LEASED, NOW, PENDING, PER_TENANT_AND_PROVIDER, is_due, is_open
from app.db import CLOCKS
from app.models import Message, Pause


@dataclass(frozen=True, slots=True)
class Glance:
    """The database's clock, whether a message waits for work, whether one is being worked."""

    now: datetime
    due: bool
    leased: bool


def _question(clock: ColumnElement[datetime]) -> Select[datetime, bool, bool]:
    due, leased = exists().where(is_due(clock)), exists().where(Message.status == LEASED)
    return select(clock, due, leased)


# Put together once: they are asked before and after every message.
_AT = _question(NOW)
_BY_CLOCK = {dialect: _question(clock) for dialect, clock in CLOCKS.items()}


def glance(session: Session, now: datetime | None = None) -> Glance:
    """Ask in one cheap statement whether anything is due; mostly nothing is."""
    if now:
        return Glance(*session.execute(_AT, {"now": now}).one())
    return Glance(*session.execute(_BY_CLOCK[session.get_bind().dialect.name]).one())


def seconds_to_next(session: Session, seen: Glance) -> float | None:
    """How long until another message comes due or another lease ends; None: nothing is open."""
    moment = case((Message.status == PENDING, Message.available_at), else_=Message.lease_until)
    to_come = select(func.min(moment)).where(is_open(), moment > seen.now)
    nearest: datetime | None = session.scalars(to_come).one()
    return (nearest - seen.now).total_seconds() if nearest else None


def due_since(session: Session, now: datetime) -> datetime | None:
    """Since when the longest waiting message has been due; during a pause none is due."""
    return min((since for _, since in due_since_of_kinds(session, now)), default=None)


def due_since_of_kinds(session: Session, now: datetime) -> list[tuple[str, datetime]]:
    """The same for each kind of which a message is due."""
    lane = and_(Pause.tenant_id == Message.tenant_id, Pause.provider == Message.provider)
    since = case((Pause.until > Message.available_at, Pause.until), else_=Message.available_at)
    oldest = select(Message.kind, func.min(since)).outerjoin(Pause, lane).group_by(Message.kind)
    rows = session.execute(oldest.where(is_open(), Message.available_at <= now, since <= now))
    return [(kind, moment) for kind, moment in rows]


def choose(
    session: Session,
    limit: int,
    seen: Glance,
    besides: frozenset[int] = frozenset(),
    alone: bool = True,
) -> list[Candidate]:
    """Up to `limit` due messages that may be worked now, in the order of their turns.

    At most one of them is a suspect, if it is `alone`: the claimer works no other suspect.
    """
    due = [row for row in find_candidates(session, limit, seen.now) if row.id not in besides]
    suspects = [row.id for row in due if _died_again(row)]
    due = [row for row in due if row.id not in suspects[1 if alone else 0 :]]
    lanes = _in_work(session, seen.now) if seen.leased else Counter()
    subjects: set[tuple[int, str]] = set()
    chosen: list[Candidate] = []
    for row in _in_turn(due, lanes):
        lane, subject = (row.tenant_id, row.provider), (row.tenant_id, row.subject or "")
        if len(chosen) == limit or subject in subjects or lanes[lane] >= PER_TENANT_AND_PROVIDER:
            continue
        lanes[lane] += 1
        chosen.append(row)
        if row.subject:
            subjects.add(subject)
    return chosen


def _died_again(row: Candidate) -> bool:
    """Whether it was in work when its process died, and so once before; a mail: now."""
    return row.status == "leased" and (row.deaths > 0 or row.provider == "email")


def _in_work(session: Session, now: datetime) -> Counter[tuple[int, str]]:
    """How many messages of each lane somebody works at this moment."""
    living = select(Message.tenant_id, Message.provider).where(
        Message.status == LEASED, Message.lease_until > now
    )
    return Counter((row.tenant_id, row.provider) for row in session.execute(living))


def _in_turn(rows: Iterable[Candidate], lanes: Counter[tuple[int, str]]) -> list[Candidate]:
    """Sort rows so that every lane gets its first message before any gets its second.

    A lane is one tenant and provider; its messages in work count.
    """
    dealt = lanes.copy()

    def turn(row: Candidate) -> int:
        dealt[row.tenant_id, row.provider] += 1
        return dealt[row.tenant_id, row.provider]

    return sorted(rows, key=turn)
