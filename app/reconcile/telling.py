"""What only a person can mend is mailed to the owner: each difference once, not every night."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import select

from app import messages
from app.clock import wall_now
from app.db import ScopedSession
from app.models import ToldDifference
from app.reasons import Reason
from app.reconcile.differences import Difference, Kind, book_of

# More than these are told the nights after.
MOST_IN_A_MAIL = 5


def tell_owner(session: ScopedSession, fact: str, left: Sequence[Difference]) -> None:
    """Have those mailed that the owner was not told of yet; none, no mail. `fact`: which night."""
    told = set(session.scalars(select(ToldDifference.name)))
    new = [difference for difference in left if difference.name not in told]
    if not new:
        return
    now, quoted = wall_now(), new[:MOST_IN_A_MAIL]
    session.add_all(ToldDifference(name=difference.name, told_at=now) for difference in quoted)
    messages.add(
        session,
        "email.owner_differences",
        fact,
        payload={
            "differences": [_kept(difference) for difference in quoted],
            "more": len(new[MOST_IN_A_MAIL:]),
        },
    )


def forget_told(session: ScopedSession, books: Collection[str], left: Sequence[Difference]) -> None:
    """Forget what is told no more: of these books, read to the end, these are all differences.

    What comes back is told anew.
    """
    names = {difference.name for difference in left}
    for told in session.scalars(select(ToldDifference)):
        if book_of(told.name) in books and told.name not in names:
            session.delete(told)
    session.flush()


def _kept(difference: Difference) -> dict[str, Any]:
    return {
        "kind": difference.kind,
        "about": difference.about,
        "values": dict(difference.values),
        "reason": asdict(difference.reason) if difference.reason else None,
    }


def kept_differences(payload: Mapping[str, Any]) -> list[Difference]:
    """The differences that such a mail tells."""
    return [_told(kept) for kept in payload["differences"]]


def _told(kept: Mapping[str, Any]) -> Difference:
    reason = Reason(**kept["reason"]) if kept.get("reason") else None
    return Difference(Kind(kept["kind"]), kept["about"], kept["values"], reason=reason)
