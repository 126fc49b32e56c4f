"""What somebody had repaired, in the tenant's journal: one entry a run, however much it was."""

from collections import defaultdict
from collections.abc import Sequence

from app.audit import Who, audit
from app.db import ScopedSession
from app.reconcile.differences import Difference

NAMED = 50


def note_repairs(session: ScopedSession, who: Who, repaired: Sequence[Difference]) -> None:
    """Write down of each kind what was repaired, by name; of very many, how many more."""
    if not repaired:
        return
    names = defaultdict(list)
    for difference in repaired:
        names[str(difference.kind)].append(difference.about)
    after = {kind: _few(abouts) for kind, abouts in names.items()}
    audit(session, who, "books.repaired", after=after)


def _few(names: list[str]) -> list[str]:
    more = len(names) - NAMED
    return [*names[:NAMED], f"+ {more}"] if more > 0 else names
