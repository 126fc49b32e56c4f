"""`messages`: what stands still; `show`, `again` and `drop`: what a person does about it.

0: done; 2: it was asked for wrongly, and nothing was done.
"""

from collections.abc import Sequence

from app.bell import impatient_redis, ring_queue
from app.commands._database import get_tenant, start_on_database
from app.commands._shown import print_counts, print_decisions, print_message
from app.commands._words import Typed, number, person_here, reader_language
from app.db import EVERY_TENANT, Database
from app.errors import AppError
from app.language import say
from app.stuck.decide import Person, drop, send_again, send_kind_again
from app.stuck.rows import (
    STATUSES,
    Which,
    about,
    count_messages,
    decisions_about,
    get_message,
    list_messages,
)

FEW = 50


def run(words: list[str]) -> int:
    runtime = start_on_database()
    if messages(runtime.database, words, reader_language()):
        runtime.bell.ring_now(ring_queue(impatient_redis(runtime.settings.redis_url)))
    return 0


def messages(database: Database, words: Sequence[str], language: str) -> bool:
    """The command on a database; true when a worker has something to do. Raises `AppError`."""
    first = words[0] if words else ""
    if does := {"show": _show_one, "again": _again, "drop": _drop}.get(first):
        return does(database, words[1:], language)
    return _list(database, words, language)


def _list(database: Database, words: Sequence[str], language: str) -> bool:
    typed = Typed(say(language, "messages.usage"))
    typed.add_argument("--kind", default="")
    typed.add_argument("--status", choices=STATUSES, default="")
    typed.add_argument("--tenant", type=number)
    typed.add_argument("--limit", type=number, default=FEW)
    asked = typed.parse_args(words)
    # Ignored messages are only counted unless they are asked for: most are other people's events.
    listed = [asked.status] if asked.status else ["dead", "open"]
    if asked.tenant:
        get_tenant(database, asked.tenant, language)
    with database.reading(EVERY_TENANT) as session:
        counts = count_messages(session, Which(asked.kind, asked.status, asked.tenant))
        if not counts:
            all_of_them = not (asked.kind or asked.status or asked.tenant)
            print(say(language, "messages.nothing" if all_of_them else "messages.nothing_such"))
            return False
        print_counts(counts, language)
        for status in listed:
            some = Which(asked.kind, status, asked.tenant)
            for message, hub_id in list_messages(session, some, asked.limit):
                print_message(message, hub_id, about(session, message, language), language)
    return False


def _show_one(database: Database, words: Sequence[str], language: str) -> bool:
    typed = Typed(say(language, "messages.usage"))
    typed.add_argument("id", type=number)
    asked = typed.parse_args(words)
    with database.reading(EVERY_TENANT) as session:
        message, hub_id = get_message(session, asked.id, language)
        print_message(message, hub_id, about(session, message, language), language)
        print_decisions(decisions_about(session, asked.id), language)
    return False


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
    if asked.tenant:
        get_tenant(database, asked.tenant, language)
    which = Which(asked.kind, "dead" if asked.dead else "", asked.tenant)
    person = Person(person_here(), asked.because.strip(), language)
    left: list[str] = []
    if asked.ids:
        sent = send_again(database, asked.ids, which, person)
    else:
        sent, left = send_kind_again(database, which, person)
    for sentence in left:
        print(sentence)
    print(say(language, "messages.sent_again", number=len(sent)))
    return bool(sent)


def _drop(database: Database, words: Sequence[str], language: str) -> bool:
    typed = Typed(say(language, "messages.usage"))
    typed.add_argument("id", type=number)
    typed.add_argument("--because", required=True)
    asked = typed.parse_args(words)
    if not asked.because.strip():
        raise AppError("usage", say(language, "messages.usage"))
    person = Person(person_here(), asked.because.strip(), language)
    drop(database, asked.id, person)
    print(say(language, "messages.dropped", id=asked.id))
    return True
