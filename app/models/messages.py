"""Messages: webhooks to work and calls to make, one row each."""

from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, TenantRow
from app.models.columns import Numbered, WallTime

DUE = text("status IN ('pending', 'leased')")
LEASED = text("status = 'leased'")
DEAD = text("status = 'dead'")


class Message(TenantRow, Numbered, Base):
    """One unit of work of one tenant.

    Of the messages of one `subject` only one is worked at a time.
    `doubts` counts attempts with an unknown outcome (lost answer, dead process);
    `deaths` those at the end in a row in which the process died.
    `sent_again` counts how often a person had the dead or ignored message tried again.
    `bugs` counts attempts that failed by an error of ours.
    `waits_for` must come before another try makes sense: a vendor connected again (`stripe`), a
    kind of message done (`hubspot.create_properties`), our own configuration mended
    (`hubspot.configuration`), or a way there open again (`slack.blocked`);
    `failing_since` is the first failure since then, or since the vendor could be tried.
    `request_id` names the web request that all this began with: `app/trail.py`.
    """

    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_due", "available_at", sqlite_where=DUE, postgresql_where=DUE),
        Index("ix_messages_dead", "id", sqlite_where=DEAD, postgresql_where=DEAD),
        Index(
            "ix_messages_lane",
            "tenant_id",
            "provider",
            "available_at",
            "id",
            sqlite_where=DUE,
            postgresql_where=DUE,
        ),
        Index(
            "uq_messages_one_leased",
            "tenant_id",
            "subject",
            unique=True,
            sqlite_where=LEASED,
            postgresql_where=LEASED,
        ),
    )

    # Not indexed as in the other tables: the index would slow down every webhook.
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id", ondelete="CASCADE"))
    kind: Mapped[str]
    provider: Mapped[str]
    subject: Mapped[str | None]
    payload: Mapped[dict[str, Any]]
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    operation_key: Mapped[str]
    status: Mapped[str] = mapped_column(default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    doubts: Mapped[int] = mapped_column(default=0)
    deaths: Mapped[int] = mapped_column(default=0)
    bugs: Mapped[int] = mapped_column(default=0, server_default="0")
    sent_again: Mapped[int] = mapped_column(default=0, server_default="0")
    available_at: Mapped[WallTime]
    lease_until: Mapped[WallTime | None]
    waits_for: Mapped[str] = mapped_column(default="", server_default="")
    failing_since: Mapped[WallTime | None]
    last_error: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[WallTime]
    finished_at: Mapped[WallTime | None]
    request_id: Mapped[str] = mapped_column(default="", server_default="")


class Decision(TenantRow, Numbered, Base):
    """What a person decided about a message (`did`: again, drop), and how it stood before."""

    __tablename__ = "message_decisions"

    # No foreign key: the index it would need on messages would slow down every webhook.
    message_id: Mapped[int] = mapped_column(BigInteger, index=True)
    did: Mapped[str]
    by: Mapped[str]
    because: Mapped[str] = mapped_column(Text, default="")
    decided_at: Mapped[WallTime]
    status_before: Mapped[str]
    error_before: Mapped[str] = mapped_column(Text)


class Pause(TenantRow, Base):
    """A vendor asked a tenant to wait; no message of this pair is claimed before `until`."""

    __tablename__ = "pauses"

    tenant_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("tenants.id", ondelete="CASCADE"), primary_key=True
    )
    provider: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[WallTime]
