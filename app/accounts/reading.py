"""What a worker reads from a vendor and we keep: asked for once a fact, by a click, or by age."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from app import messages
from app.accounts.connections import find_connection
from app.clock import wall_now
from app.db import Database, ScopedSession


@dataclass(frozen=True, slots=True)
class Reading:
    """Messages of this `kind` read it; rows that say `read_at` keep it, and are old after `life`.

    One reading at a time: all its messages have one `subject`.
    """

    kind: str
    subject: str
    read_at: InstrumentedAttribute[datetime]
    life: timedelta

    def ask(self, session: ScopedSession, fact: str) -> None:
        """Have it read, once for each `fact`."""
        messages.add(session, self.kind, fact, subject=self.subject, payload={})

    def ask_again(self, database: Database, tenant_id: int) -> None:
        """Have it read now; several clicks within a minute cause one reading."""
        with database.writing(tenant_id) as session:
            self.ask(session, f"{wall_now():%Y-%m-%d %H:%M}")

    def ask_when_old(self, database: Database, tenant_id: int) -> None:
        """Have it read if it was never read or is old, once in its life, while connected."""
        now = wall_now()
        with database.reading(tenant_id) as session:
            read_at = session.scalars(select(func.max(self.read_at))).one()
            vendor = find_connection(session, messages.provider_of(self.kind))
        old = read_at is None or now - read_at > self.life
        if old and vendor and vendor.status == "connected":
            with database.writing(tenant_id) as session:
                self.ask(session, f"life {int(now.timestamp() // self.life.total_seconds())}")
