"""Messages: what must follow from a change, stored in the same commit, worked at least once.

Webhooks come in and effects go out through this one table. A worker claims rows, renews its
leases while it lives, and finishes a row only where the attempt is still its own.
"""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Row, Update, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.claims.lanes import LEASED
from app.claims.leases import LaneFull, lease_each, lock_due
from app.claims.turns import choose, glance
from app.clock import wall_now
from app.db import EVERY_TENANT, Database, ScopedSession, database_now
from app.models import Message, Pause
from app.models.messages import DEAD
from app.redaction import storable
from app.trail import current_request_id

LEASE = timedelta(seconds=15)
CLAIM_TRIES = 3
AT_REST = {"lease_until": None, "waits_for": "", "last_error": ""}


class Ignored(Exception):  # noqa: N818  a decision, not a failure
    """Raised by a handler: the message needs no work and is kept as *ignored* with this reason."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message leased to this process: what a handler needs to know of it."""

    id: int
    tenant_id: int
    kind: str
    provider: str
    subject: str | None
    payload: dict[str, Any]
    operation_key: str
    attempt: int
    doubts: int
    deaths: int
    bugs: int
    sent_again: int
    waits_for: str
    failing_since: datetime | None
    created_at: datetime
    request_id: str

    @property
    def suspect(self) -> bool:
        """Whether it may be what kills its process, rather than one that was in work beside it."""
        return self.deaths > (0 if self.provider == "email" else 1)


def add(
    session: ScopedSession,
    kind: str,
    fact: str,
    *,
    payload: dict[str, Any],
    subject: str | None = None,
    after: timedelta = timedelta(0),
) -> None:
    """Add a message in the transaction of the change that causes it; the same fact is added once.

    `fact` names what must be told or done only once (`<proposal>:<version>`). Tenant, kind and
    fact together are the deduplication key and the operation key of the outside write.
    """
    if session.scope is EVERY_TENANT:
        raise ValueError(f"{kind} needs a tenant")
    key = f"{session.scope}:{kind}:{fact}"
    now = wall_now()
    row = {
        "tenant_id": session.scope,
        "kind": kind,
        "provider": provider_of(kind),
        "subject": subject,
        "payload": payload,
        "dedupe_key": key,
        "operation_key": key,
        "status": "pending",
        "attempts": 0,
        "doubts": 0,
        "deaths": 0,
        "last_error": "",
        "available_at": now + after,
        "created_at": now,
        "request_id": current_request_id(),
    }
    session.execute(_dialect(session).insert(Message).on_conflict_do_nothing(), row)
    session.info["ring"] = True


def provider_of(kind: str) -> str:
    """The vendor in a kind of message: `slack` in `slack.accepted`, `stripe` in `inbox.stripe`."""
    first, _, rest = kind.partition(".")
    return rest if first == "inbox" else first


def _dialect(session: Session) -> Any:
    return sqlite if session.get_bind().dialect.name == "sqlite" else postgresql


def claim(
    database: Database,
    limit: int,
    now: datetime | None = None,
    held: Collection[Claimed] = (),
) -> list[Claimed]:
    """Lease up to `limit` due messages to the caller and add one to the attempts of each.

    Skipped: messages `held`, which the caller works already, subjects in work, accounts that
    must wait, and whatever exceeds the limit of messages in work per tenant and provider. One
    suspect at a time: a message that may have killed its process takes no others with it. Order:
    the tenant and provider with the fewest messages in work first, so one busy tenant cannot
    starve others.
    """
    besides, alone = frozenset(m.id for m in held), not any(m.suspect for m in held)
    with database.reading(EVERY_TENANT) as session:
        seen = glance(session, now)
    if not seen.due:
        return []
    for _ in range(CLAIM_TRIES):
        with suppress(IntegrityError, LaneFull), database.writing(EVERY_TENANT) as session:
            chosen = [row.id for row in choose(session, limit, seen, besides, alone)]
            claimed = list(map(_claimed, lock_due(session, chosen, seen.now))) if chosen else []
            if claimed:
                _lease(session, claimed, seen.now)
            return claimed
        seen = replace(seen, leased=True)  # another worker leased something since the glance
    return []  # each time another worker took one of these subjects first


def _claimed(row: Row[Any]) -> Claimed:
    died = row.status == "leased"  # its process died during the work
    return Claimed(
        row.id, row.tenant_id, row.kind, row.provider, row.subject, row.payload, row.operation_key,
        row.attempts + 1, row.doubts + died, row.deaths + died, row.bugs, row.sent_again,
        row.waits_for, row.failing_since, row.created_at, row.request_id,
    )  # fmt: skip


def _lease(session: Session, claimed: Iterable[Claimed], now: datetime) -> None:
    """Lease all in one round trip, because every claim waits for it."""
    # The same order in every process, so that two claims cannot block each other.
    in_order = sorted(claimed, key=lambda message: (message.tenant_id, message.subject or ""))
    leases = [
        {
            "message_id": message.id,
            "attempt": message.attempt,
            "doubt": message.doubts,
            "death": message.deaths,
            "until": now + LEASE,
        }
        for message in in_order
    ]
    lease_each(session, leases, now)


def renew(database: Database, held: Iterable[Claimed], now: datetime | None = None) -> None:
    """Extend the leases of messages in work."""
    with database.writing(EVERY_TENANT) as session:
        until = (now or database_now(session)) + LEASE
        _change_each(session, held, {"lease_until": until})


def finish(session: ScopedSession, message: Claimed) -> bool:
    """Mark as done if this attempt still holds it; False means another process took over."""
    return _settle(session, message, status="done", finished_at=wall_now())


def finish_all(session: Session, held: Iterable[Claimed]) -> None:
    """Mark as done, in one round trip, those that their attempt still holds."""
    _change_each(session, held, {**AT_REST, "status": "done", "finished_at": wall_now()})


def reschedule(
    session: ScopedSession,
    message: Claimed,
    after: timedelta,
    error: str,
    *,
    failing_since: datetime,
    doubtful: bool = False,
    bug: bool = False,
    waits_for: str = "",
) -> bool:
    """Make the message due again after the given time; `doubtful`: the attempt may have worked.

    An attempt that ends so has killed nothing: earlier deaths count no more. It is due sooner when
    what it `waits_for` has come: `wake`.
    """
    return _settle(
        session,
        message,
        status="pending",
        available_at=database_now(session) + after,
        last_error=storable(error),
        doubts=message.doubts + doubtful,
        deaths=0,
        bugs=message.bugs + bug,
        failing_since=failing_since,
        waits_for=waits_for,
    )


def wake(session: ScopedSession, waits_for: str) -> None:
    """What they wait for has come: those messages, of this session's tenants, are due at once."""
    waiting = update(Message).where(Message.waits_for == waits_for, Message.status == "pending")
    session.execute(waiting.values(available_at=wall_now()))
    session.info["ring"] = True


def ignore(session: ScopedSession, message: Claimed, reason: str) -> bool:
    """Keep the message as *ignored*, with the reason."""
    kept = storable(reason)
    return _settle(session, message, status="ignored", finished_at=wall_now(), last_error=kept)


def bury(session: ScopedSession, message: Claimed, reason: str) -> bool:
    """Make it a dead letter: kept and visible; only a person can have it tried again."""
    kept = storable(reason)
    return _settle(session, message, status="dead", finished_at=wall_now(), last_error=kept)


def overtake(session: ScopedSession, message: Claimed) -> list[int]:
    """Keep as *ignored* the other dead letters of its kind and subject, for which it stands.

    Returns their numbers.
    """
    same = (Message.kind == message.kind, Message.subject == message.subject)
    others = select(Message).where(DEAD, *same, Message.id != message.id)
    rows = session.scalars(others.with_for_update()).all()
    for row in rows:
        row.status, row.last_error = "ignored", f"overtaken by message {message.id}"
    return [row.id for row in rows]


def pause(session: ScopedSession, provider: str, after: timedelta) -> None:
    """Let all messages of this tenant and vendor wait, as the vendor asked; the longest pause wins.

    One statement, because several calls of one account may be told to wait at the same moment.
    """
    until = database_now(session) + after
    asked = _dialect(session).insert(Pause)
    longer = asked.on_conflict_do_update(
        index_elements=[Pause.tenant_id, Pause.provider],
        set_={"until": asked.excluded.until},
        where=Pause.until < asked.excluded.until,
    )
    row = {"tenant_id": session.scope, "provider": provider, "until": until}
    session.execute(longer, row)


def _settle(
    session: ScopedSession, message: Claimed, *, waits_for: str = "", **values: Any
) -> bool:
    if session.scope not in (EVERY_TENANT, message.tenant_id):
        return False  # without the ORM nothing else fences the tenant
    new = {**AT_REST, "waits_for": waits_for, **values}
    return session.connection().execute(_changing(tuple(new)), _change(message, new)).rowcount == 1


def _change_each(session: Session, held: Iterable[Claimed], new: Mapping[str, Any]) -> None:
    """In one order everywhere, so that two processes cannot block each other."""
    in_order = sorted(held, key=lambda message: message.id)
    changes = [_change(message, new) for message in in_order]
    session.connection().execute(_changing(tuple(new)), changes)


@cache
def _changing(columns: tuple[str, ...]) -> Update:
    """Change these columns where the attempt is still the caller's.

    Built once and run without the ORM, because every message ends with it.
    """
    return (
        update(Message)
        .where(
            Message.id == bindparam("message_id"),
            Message.attempts == bindparam("attempt"),
            Message.status == LEASED,
        )
        .values({column: bindparam(f"new_{column}") for column in columns})
    )


def _change(message: Claimed, new: Mapping[str, Any]) -> dict[str, Any]:
    mine = {"message_id": message.id, "attempt": message.attempt}
    return mine | {f"new_{column}": value for column, value in new.items()}
