"""What a person decides about a message: send it again, or drop it. Nothing is forgotten."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select

from app.audit import Who, audit
from app.clock import wall_now
from app.db import EVERY_TENANT, Database, ScopedSession, database_now
from app.errors import AppError
from app.language import say
from app.models import Decision, Message, Pause, Tenant
from app.proposals.problems import forget_problem
from app.redaction import storable
from app.stuck.moot import why_moot
from app.stuck.rows import Which

AGAIN = frozenset({"dead", "ignored", "pending"})


@dataclass(frozen=True, slots=True)
class Person:
    """Who decides, why, and the language of what she reads."""

    name: str
    because: str
    language: str


def send_again(database: Database, ids: Sequence[int], which: Which, person: Person) -> list[int]:
    """Have these messages tried again, at once; all or none. Raises `AppError` with a sentence."""
    with database.writing(EVERY_TENANT) as session:
        rows = _named(session, ids, which, person)
        _refuse_unless(AGAIN, rows, person)
        moot = _moot(session, rows, person)
        if moot:
            raise AppError("refused", " ".join(moot.values()))
        return _again(session, rows, person)


def send_kind_again(
    database: Database, which: Which, person: Person
) -> tuple[list[int], list[str]]:
    """The same for all of a kind that are dead or wait; `which.status` may leave only the dead.

    Returns also, of each left alone because nothing would come of it, the sentence that says why.
    Raises `AppError` where there is none.
    """
    with database.writing(EVERY_TENANT) as session:
        wanted = select(Message).join(Tenant, Tenant.id == Message.tenant_id)
        tried = ("dead",) if which.status == "dead" else ("dead", "pending")
        found = wanted.where(*which.conditions(), Message.status.in_(tried)).order_by(Message.id)
        rows = session.scalars(found.with_for_update(of=Message)).all()
        if not rows:
            raise AppError(
                "refused", say(person.language, "messages.none_of_kind", kind=which.kind)
            )
        moot = _moot(session, rows, person)
        sent = _again(session, [row for row in rows if row.id not in moot], person)
        return sent, list(moot.values())


def _moot(session: ScopedSession, rows: Sequence[Message], person: Person) -> dict[int, str]:
    """Of those that nothing would come of, by number, the sentence that says why."""
    why = {
        row.id: why_moot(session, row, person.language) for row in rows if row.status != "pending"
    }
    return {number: sentence for number, sentence in why.items() if sentence}


def drop(database: Database, message_id: int, person: Person) -> None:
    """Keep a dead letter as *ignored*, for this reason; what it told of is no problem any more."""
    with database.reading(EVERY_TENANT) as session:
        [seen] = _named(session, [message_id], Which(), person)
    with database.writing(seen.tenant_id) as session:
        row = session.get_one(Message, message_id, with_for_update=True)
        _refuse_unless({"dead"}, [row], person)
        _note(session, row, "drop", person)
        row.status, row.finished_at = "ignored", wall_now()
        row.last_error = storable(person.because)
        session.flush()
        forget_problem(session, message_id)


def _again(session: ScopedSession, rows: Sequence[Message], person: Person) -> list[int]:
    """At once: also where a vendor asked the account to wait, which it says again if need be."""
    now = database_now(session)
    for row in rows:
        _note(session, row, "again", person)
        if row.status != "pending":
            _begin_anew(row)
        row.available_at, row.deaths = now, 0
    for tenant_id, provider in {(row.tenant_id, row.provider) for row in rows}:
        session.execute(
            delete(Pause).where(Pause.tenant_id == tenant_id, Pause.provider == provider)
        )
    session.info["ring"] = bool(rows)
    return [row.id for row in rows]


def _begin_anew(row: Message) -> None:
    """As if it had never failed, but for what matters to the vendor: key, attempts, doubts.

    One doubt is left of many: a vendor is asked first whether it was done; a mail goes once more.
    """
    row.status, row.finished_at, row.waits_for, row.failing_since = "pending", None, "", None
    row.bugs = 0
    row.doubts = min(row.doubts, 1)
    row.sent_again += 1


def _named(
    session: ScopedSession, ids: Sequence[int], which: Which, person: Person
) -> Sequence[Message]:
    """The messages of these numbers, locked where this is a transaction that writes."""
    wanted = select(Message).where(Message.id.in_(ids)).order_by(Message.id)
    if which.hub_id is not None:
        mine = select(Tenant.id).where(Tenant.hub_id == which.hub_id)
        wanted = wanted.where(Message.tenant_id.in_(mine))
    rows = session.scalars(wanted if session.looking else wanted.with_for_update()).all()
    _refuse(
        set(ids) - {row.id for row in rows},
        lambda n: say(person.language, "messages.unknown", ids=n),
    )
    return rows


def _refuse_unless(
    allowed: frozenset[str] | set[str], rows: Sequence[Message], person: Person
) -> None:
    for status in sorted({row.status for row in rows} - allowed):
        key = status if status in ("done", "leased") else "not_dead"
        numbers = {row.id for row in rows if row.status == status}
        _refuse(numbers, lambda n, key=key: say(person.language, f"messages.{key}", ids=n))  # type: ignore[misc]


def _refuse(numbers: set[int], sentence: Callable[[str], str]) -> None:
    if numbers:
        raise AppError("refused", sentence(", ".join(map(str, sorted(numbers)))))


def _note(session: ScopedSession, row: Message, did: str, person: Person) -> None:
    decision = Decision(
        tenant_id=row.tenant_id,
        message_id=row.id,
        did=did,
        by=person.name,
        because=person.because,
        decided_at=wall_now(),
        status_before=row.status,
        error_before=row.last_error,
    )
    session.add(decision)
    audit(
        session,
        Who(person.name),
        f"message.{did}",
        before={"message": f"{row.kind} ({row.id})", "status": row.status},
        after={"because": person.because} if person.because else {},
        tenant_id=row.tenant_id,
    )
