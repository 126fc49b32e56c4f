"""Messages as a terminal shows them: counted, one by one, and what was decided about each."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from app.clock import wall_now
from app.language import catalogue, say
from app.models import Decision, Message
from app.redaction import redact
from app.stuck.rows import Count
from app.wording.plain import one_line

LONGEST_SHOWN = 160
UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def print_counts(counts: Sequence[Count], language: str) -> None:
    head = [say(language, f"messages.{name}") for name in ("kind", "status", "number", "oldest")]
    rows = [
        [
            c.kind,
            say(language, f"messages.status.{c.status}"),
            str(c.number),
            _age(c.oldest_at, language),
        ]
        for c in counts
    ]
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (head, *rows):
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
    print()


def print_message(message: Message, hub_id: int, subject: str, language: str) -> None:
    values = {
        "id": message.id,
        "hub_id": hub_id,
        "status": _status(message.status, language),
        "kind": message.kind,
        "about": subject,
        "age": _age(message.created_at, language),
        "tries": message.attempts,
    }
    print(say(language, "messages.row", **values))
    if meaning := catalogue(language).get(f"kind.{message.kind}"):
        print(f"    {meaning}")
    if message.last_error:
        why = "reason" if message.status == "ignored" else "last_error"
        print("    " + say(language, f"messages.{why}", words=_error(message.last_error)))


def print_decisions(decisions: Sequence[Decision], language: str) -> None:
    """Who had it tried again or dropped it, when and why, and how it stood then."""
    for one in decisions:
        decided = {
            "at": f"{one.decided_at:%Y-%m-%d %H:%M}",
            "by": one.by,
            "because": _error(one.because) or say(language, "messages.no_reason"),
        }
        stood = {"status": _status(one.status_before, language), "words": _error(one.error_before)}
        print("    " + say(language, f"messages.did.{one.did}", **decided))
        print("    " + say(language, "messages.before", **stood))
    if not decisions:
        print("    " + say(language, "messages.no_decision"))


def _status(status: str, language: str) -> str:
    return say(language, f"messages.status.{status}")


def _error(words: str) -> str:
    return one_line(redact(words), LONGEST_SHOWN)


def _age(since: datetime, language: str) -> str:
    seconds = max(wall_now() - since, timedelta(0)).total_seconds()
    name, size = next(((n, s) for n, s in UNITS if seconds >= s), UNITS[-1])
    return say(language, f"messages.{name}", number=int(seconds // size))
