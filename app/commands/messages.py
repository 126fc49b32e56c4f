"""`messages`: what stands still; `messages again` and `drop`: what a person does about it.

0: done; 2: it was asked for wrongly, and nothing was done.
"""

import getpass
import os
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from app.bell import impatient_redis, ring_queue
from app.clock import wall_now
from app.commands._words import Typed, number, reader_language
from app.db import EVERY_TENANT, Database
from app.errors import AppError
from app.language import say
from app.logs import redact
from app.models import Message, Tenant
from app.runtime import Runtime
from app.settings import Settings
from app.stuck.decide import Person, drop, send_again, send_kind_again
from app.stuck.rows import (
    STATUSES,
    Count,
    Which,
    about,
    count_messages,
    list_messages,
    shown_status,
)
from app.wording.plain import one_line

LONGEST_SHOWN = 160
FEW = 50
UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def run(words: list[str]) -> int:
    runtime = Runtime.start(Settings.from_env())
    runtime.database.bell = lambda: None  # a process that ends at once rings by itself
    if messages(runtime.database, words, reader_language()):
        runtime.bell.ring_now(ring_queue(impatient_redis(runtime.settings.redis_url)))
    return 0


def messages(database: Database, words: Sequence[str], language: str) -> bool:
    """The command on a database; true when a worker has something to do. Raises `AppError`."""
    first = words[0] if words else ""
    does = {"again": _again, "drop": _drop}.get(first, _show)
    return does(database, words[1:] if first in ("again", "drop") else words, language)


def _show(database: Database, words: Sequence[str], language: str) -> bool:
    typed = Typed(say(language, "messages.usage"))
    typed.add_argument("--kind", default="")
    typed.add_argument("--status", choices=STATUSES, default="")
    typed.add_argument("--tenant", type=number)
    typed.add_argument("--limit", type=number, default=FEW)
    asked = typed.parse_args(words)
    # Ignored messages are only counted unless they are asked for: most are other people's events.
    listed = [asked.status] if asked.status else ["dead", "open"]
    _check_tenant(database, asked.tenant, language)
    with database.reading(EVERY_TENANT) as session:
        _print_counts(
            count_messages(session, Which(asked.kind, asked.status, asked.tenant)), language
        )
        for status in listed:
            some = Which(asked.kind, status, asked.tenant)
            for message, hub_id in list_messages(session, some, asked.limit):
                _print_message(message, hub_id, about(session, message), language)
    return False


def _print_counts(counts: Sequence[Count], language: str) -> None:
    head = [say(language, f"messages.{name}") for name in ("kind", "status", "number", "oldest")]
    rows = [
        [c.kind, say(language, f"messages.{c.status}"), str(c.number), _age(c.oldest_at, language)]
        for c in counts
    ]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
    print()


def _print_message(message: Message, hub_id: int, subject: str, language: str) -> None:
    values = {
        "id": message.id,
        "hub_id": hub_id,
        "status": say(language, f"messages.{shown_status(message)}"),
        "kind": message.kind,
        "about": subject,
        "age": _age(message.created_at, language),
        "tries": message.attempts,
    }
    print(say(language, "messages.row", **values))
    if message.last_error:
        print(f"    {one_line(redact(message.last_error), LONGEST_SHOWN)}")


def _age(since: datetime, language: str) -> str:
    seconds = max(wall_now() - since, timedelta(0)).total_seconds()
    name, size = next(((n, s) for n, s in UNITS if seconds >= s), UNITS[-1])
    return say(language, f"messages.{name}", number=int(seconds // size))


def _again(database: Database, words: Sequence[str], language: str) -> bool:
    typed = Typed(say(language, "messages.usage"))
    typed.add_argument("ids", nargs="*", type=number)
    typed.add_argument("--kind", default="")
    typed.add_argument("--tenant", type=number)
    typed.add_argument("--dead", action="store_true")
    typed.add_argument("--because", default="")
    asked = typed.parse_args(words)
    if bool(asked.ids) == bool(asked.kind) or (asked.dead and asked.ids):
        raise AppError("usage", say(language, "messages.usage"))
    _check_tenant(database, asked.tenant, language)
    which = Which(asked.kind, "dead" if asked.dead else "", asked.tenant)
    person = Person(_who(), asked.because.strip(), language)
    if asked.ids:
        sent = send_again(database, asked.ids, which, person)
    else:
        sent = send_kind_again(database, which, person)
    print(say(language, "messages.sent_again", number=len(sent)))
    return bool(sent)


def _drop(database: Database, words: Sequence[str], language: str) -> bool:
    typed = Typed(say(language, "messages.usage"))
    typed.add_argument("id", type=number)
    typed.add_argument("--because", required=True)
    asked = typed.parse_args(words)
    if not asked.because.strip():
        raise AppError("usage", say(language, "messages.usage"))
    person = Person(_who(), asked.because.strip(), language)
    drop(database, asked.id, person)
    print(say(language, "messages.dropped", id=asked.id))
    return True


def _check_tenant(database: Database, hub_id: int | None, language: str) -> None:
    with database.reading(EVERY_TENANT) as session:
        known = session.scalars(select(Tenant.id).where(Tenant.hub_id == hub_id)).first()
    if hub_id is not None and known is None:
        raise AppError("usage", say(language, "messages.unknown_tenant", hub_id=hub_id))


def _who() -> str:
    """The name of the account on this machine, or its number in a container without names."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
