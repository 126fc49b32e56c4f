"""The audit log: an entry stands in the commit of what it tells of, and is never changed."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.clock import wall_now
from app.db import Database, ScopedSession
from app.models import AuditEntry

PAGE = 50
EXPORTED_AT_ONCE = 500
COLUMNS = ("id", "at", "who", "address", "what", "before", "after")
# A spreadsheet takes a cell that begins so for a formula. A French one begins a cell at each `;`.
# https://owasp.org/www-community/attacks/CSV_Injection
FORMULA = re.compile(r"(^|;)(?=[\"'\s]*[=+\-@]|[\t\r\n])")


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who does something, and the network address she does it from."""

    name: str
    address: str = ""

    @classmethod
    def person(cls, user_id: int, user_email: str, address: str) -> "Who":
        """A person HubSpot vouches for: her mail address may change, her number does not."""
        return cls(f"{user_email} ({user_id})", address)


US = Who("Propale")


def audit(
    session: ScopedSession,
    who: Who,
    what: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    tenant_id: int | None = None,
) -> None:
    """Write down what is done in this commit; `what` is a key of the area `audit` of our words.

    `before` and `after` are what a person reads: short texts and numbers, no secret. `tenant_id`
    is for sessions of every tenant.
    """
    entry = AuditEntry(
        at=wall_now(),
        who=who.name,
        address=who.address,
        what=what,
        before=dict(before or {}),
        after=dict(after or {}),
    )
    if tenant_id is not None:
        entry.tenant_id = tenant_id
    session.add(entry)


def audit_changes(
    session: ScopedSession,
    who: Who,
    what: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    """The same, with only what differs; nothing where nothing does."""
    changed = [name for name, value in after.items() if before.get(name) != value]
    if changed:
        audit(
            session,
            who,
            what,
            before={name: before.get(name) for name in changed},
            after={name: after[name] for name in changed},
        )


def list_entries(session: ScopedSession, before_id: int | None = None) -> Sequence[AuditEntry]:
    """The newest entries, a page of them; `before_id` continues after a page."""
    rows = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(PAGE)
    if before_id is not None:
        rows = rows.where(AuditEntry.id < before_id)
    return session.scalars(rows).all()


def csv_lines(database: Database, tenant_id: int) -> Iterator[str]:
    """All entries, the oldest first, as lines of CSV (RFC 4180) that no spreadsheet calculates."""
    yield _csv_line(COLUMNS)
    last = 0
    while entries := _following(database, tenant_id, last):
        for entry in entries:
            told = (json.dumps(words, ensure_ascii=False) for words in (entry.before, entry.after))
            at = entry.at.isoformat()
            yield _csv_line((str(entry.id), at, entry.who, entry.address, entry.what, *told))
        last = entries[-1].id


def _following(database: Database, tenant_id: int, last: int) -> Sequence[AuditEntry]:
    rows = select(AuditEntry).where(AuditEntry.id > last).order_by(AuditEntry.id)
    with database.reading(tenant_id) as session:
        return session.scalars(rows.limit(EXPORTED_AT_ONCE)).all()


def _csv_line(cells: Sequence[str]) -> str:
    line = io.StringIO()
    inert = (FORMULA.sub(r"\1'", cell) for cell in cells)
    csv.writer(line, quoting=csv.QUOTE_ALL).writerow(inert)
    return line.getvalue()
