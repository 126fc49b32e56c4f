"""The candidates of a claim: the first few due messages of every lane.

Each lane is read from its own end of an index, so a claim costs the same where ten thousand
messages of a lane wait as where ten do.
"""

from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Label,
    Select,
    Subquery,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.orm import Session, aliased

from app.claims.lanes import LEASED, NOW, PER_TENANT_AND_PROVIDER, is_due, is_open, take_lane
from app.db import UtcDateTime
from app.models import Message, Pause

END_OF_TIME = datetime.max.replace(tzinfo=UTC)


class Candidate(NamedTuple):
    """What a claim must know of a message to choose among them."""

    id: int
    tenant_id: int
    provider: str
    subject: str | None
    status: str
    deaths: int


def find_candidates(session: Session, limit: int, now: datetime) -> list[Candidate]:
    """The first few due messages of each lane, so that no backlog hides the others.

    None of them is of a subject in work. Lanes from which another process is claiming at this
    instant are left out, the others are taken until the commit.
    """
    values = {"now": now, "places": PER_TENANT_AND_PROVIDER + limit, "rows": limit * 8}
    # Without the ORM's part, which takes longer than the database's.
    rows = session.connection().execute(_statement(session.get_bind().dialect.name), values)
    return [Candidate(*row) for row in rows]


@cache
def _statement(dialect: str) -> Select[Any]:
    """Built once, because building it takes as long as the rest of a claim."""
    near = _near(dialect).c
    columns = [near[name] for name in Candidate._fields]
    return select(*columns).where(near.taken).order_by(near.place, near.available_at, near.id)


def _near(dialect: str) -> Subquery:
    """The first of all lanes, then the second of all, with whether this claimer took the lane."""
    first = _first_of_lanes(dialect).c
    place = func.row_number().over(
        partition_by=(first.tenant_id, first.provider), order_by=(first.available_at, first.id)
    )
    ranked = select(*first, place.label("place")).subquery().c
    return (
        select(*ranked, take_lane(dialect, ranked).label("taken"))
        .order_by(ranked.place, ranked.available_at, ranked.id)
        .limit(bindparam("rows", type_=Integer))
        .subquery()
    )


def _first_of_lanes(dialect: str) -> Subquery:
    """Up to `places` messages of each lane; SQLite has no LATERAL, PostgreSQL plans IN badly."""
    lane, row = _open_lanes().c, aliased(Message)
    paused = exists().where(
        Pause.tenant_id == lane.tenant_id, Pause.provider == lane.provider, Pause.until > NOW
    )
    of_lane = (
        select(*_columns(row))
        .where(row.tenant_id == lane.tenant_id, row.provider == lane.provider)
        .where(is_due(NOW, row), _is_its_subjects_turn(row))
        .order_by(row.available_at, row.id)
        .limit(bindparam("places", type_=Integer))
        .correlate(lane.tenant_id.table)
    )
    if dialect != "sqlite":
        first = of_lane.lateral()
        return select(first).join_from(lane.tenant_id.table, first, ~paused).subquery()
    found = aliased(Message)
    which = found.id.in_(of_lane.with_only_columns(row.id))
    columns = select(*_columns(found))
    return columns.join_from(lane.tenant_id.table, found, ~paused & which).subquery()


def _columns(message: type[Message]) -> list[Any]:
    return [getattr(message, name) for name in (*Candidate._fields, "available_at")]


def _is_its_subjects_turn(row: type[Message]) -> ColumnElement[bool]:
    """No other message of its subject is leased. Asked for all at once: few are ever leased."""
    leased = aliased(Message)
    held = select(leased.tenant_id, leased.subject).where(
        leased.status == LEASED, leased.subject.is_not(None)
    )
    free = tuple_(row.tenant_id, row.subject).not_in(held)
    return or_(row.subject.is_(None), row.status == LEASED, free)


def _open_lanes() -> CTE:
    """Every lane with open messages, found by leaps through the index; an empty row comes last.

    A leap goes beyond the lane's last message of all times, because SQLite would look at every
    message of the lane before it found that none lies beyond the lane's name alone.
    """
    lanes = select(*_first_lane(true())).cte("lanes", recursive=True)
    # Expressions, because SQLite does not search by a comparison with another table's columns.
    here = (func.coalesce(lanes.c.tenant_id, 0), func.coalesce(lanes.c.provider, ""))
    place = (Message.tenant_id, Message.provider, Message.available_at)
    beyond = tuple_(*place) > tuple_(*here, literal(END_OF_TIME, UtcDateTime()))
    known = lanes.c.tenant_id.is_not(None)
    return lanes.union_all(select(*_first_lane(beyond)).select_from(lanes).where(known))


def _first_lane(where: ColumnElement[bool]) -> list[Label[Any]]:
    """The columns of the first lane with open messages; a recursion may hold no other LIMIT."""
    return [
        select(column)
        .where(is_open(), where)
        .order_by(Message.tenant_id, Message.provider, Message.available_at)
        .limit(1)
        .correlate_except(Message)
        .scalar_subquery()
        .label(column.key)
        for column in (Message.tenant_id, Message.provider)
    ]
