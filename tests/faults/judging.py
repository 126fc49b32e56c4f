"""Whether an end may be so: the same books, or a dead letter for what is missing and no double."""

from __future__ import annotations

from collections import Counter

from tests.chaos.reading import MAIL_SUBJECTS
from tests.faults.final_books import Books, difference

# What there must never be more of than without the disturbance, whatever died.
EFFECTS = (
    *("customer", "subscription", "invoice", "charge", "PaidInvoice", "Acceptance"),
    *("StageFact", "mails", "posts"),
)
# The books that a dead letter changes by being seen.
SHOWING = ("DealProblem", "Connection", "deals", "dead")
# What no dead letter excuses.
NEVER = ("open", "bugs")
TELLING = {"email": "mails", "slack": "posts"}
# How the owner is told, in the night, of what only a person can mend.
OWNER_TOLD, OWNER_READS = "email.owner_differences done", MAIL_SUBJECTS["owner_differences"]
PUSH, PUSH_WAITS = "hubspot.sync_deal", "hubspot.sync_deal pending"


def excuse(got: Books, wanted: Books, name: str, allowed: int) -> int:
    """Take up to `allowed` repetitions out of a book; returns how many."""
    repeated = got[name] - wanted[name]
    if not 0 < repeated.total() <= allowed:
        return 0
    got[name] -= repeated
    return repeated.total()


def excuse_seen(got: Books, wanted: Books) -> None:
    """Take out what a dead letter brings along by being seen.

    The push that shows it in the deal waits where every push waits, until HubSpot is connected
    again; and of one over which a night has come the owner is told, once.
    """
    dead = got["dead"].total()
    if wanted["open"][PUSH_WAITS]:
        got["open"][PUSH_WAITS] -= min((got["open"] - wanted["open"])[PUSH_WAITS], dead)
    read = [mail for mail in got["mails"] - wanted["mails"] if OWNER_READS in mail]
    if dead and read and (got["facts"] - wanted["facts"])[OWNER_TOLD]:
        got["facts"][OWNER_TOLD] -= 1
        got["mails"].subtract(read[:1])


def judge(got: Books, wanted: Books) -> list[str]:
    """What is wrong with an end; nothing, if it is one effect each or a visible dead letter.

    A message that only tells takes nothing with it but its own mail or post. What follows from any
    other dead letter is missing too, and must not be there twice.
    """
    dead = got["dead"]
    if not dead:
        return difference(got, wanted)
    still = [f"{name}: {line}" for name in NEVER for line in got[name] - wanted[name]]
    if any(kind.partition(".")[0] not in TELLING for kind in dead):
        if PUSH in dead:
            got, wanted = ({**books, "StageFact": _facts(books)} for books in (got, wanted))
        return still + [f"+{name}: {x}" for name in EFFECTS for x in got[name] - wanted[name]]
    for kind, number in dead.items():
        got["facts"][f"{kind} dead"] -= number
        got["facts"][f"{kind} done"] += number
        _give_back(got, wanted, TELLING[kind.partition(".")[0]], number)
    compared = {name: lines for name, lines in wanted.items() if name not in SHOWING}
    return still + difference(got, compared)


def _facts(books: Books) -> Counter[str]:
    """The stages that were to be written, without how far each has come."""
    facts: Counter[str] = Counter()
    for line, number in books["StageFact"].items():
        facts[line.rpartition(" ")[0]] += number
    return facts


def _give_back(got: Books, wanted: Books, name: str, number: int) -> None:
    """Put what a dead letter was to tell into the book; one that arrived all the same stays."""
    missing = list((wanted[name] - got[name]).elements())
    got[name].update(missing[:number])
