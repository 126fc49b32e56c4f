"""Proposals, frozen when sent, and the acceptance with its evidence."""

from typing import Any

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, TenantRow
from app.models.columns import BusinessTime, Numbered, belongs_to, owned

OPEN = text("status IN ('draft', 'sent', 'accepted')")


class Proposal(TenantRow, Numbered, Base):
    """One offer to one person. `document` is frozen, `document_hash` is its SHA-256.

    The customer's link is stored twice: `token_hash` to find it, `sealed_token` to write it again.
    """

    __tablename__ = "proposals"
    __table_args__ = (
        owned(),
        belongs_to("deals", "deal_id"),
        belongs_to("proposal_requests", "request_id"),
        UniqueConstraint("tenant_id", "year", "sequence"),
        Index(
            "uq_proposals_one_open",
            "tenant_id",
            "deal_id",
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        ),
    )

    public_id: Mapped[str] = mapped_column(unique=True)
    deal_id: Mapped[int] = mapped_column(BigInteger)
    request_id: Mapped[int] = mapped_column(BigInteger)
    year: Mapped[int]
    sequence: Mapped[int]
    number: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    status: Mapped[str]
    document: Mapped[dict[str, Any]]
    document_hash: Mapped[str]
    currency: Mapped[str]
    due_now_minor: Mapped[int] = mapped_column(BigInteger)
    recurring_minor: Mapped[int] = mapped_column(BigInteger)
    interval: Mapped[str | None]
    language: Mapped[str]
    recipient_email: Mapped[str]
    rep_email: Mapped[str]
    methods: Mapped[list[Any]] = mapped_column(default=list)
    token_hash: Mapped[str | None] = mapped_column(unique=True)
    sealed_token: Mapped[str] = mapped_column(
        Text, default="", info={"sealed_for": "proposal_token"}
    )
    created_at: Mapped[BusinessTime]
    sent_at: Mapped[BusinessTime | None]
    valid_until: Mapped[BusinessTime | None]
    closed_at: Mapped[BusinessTime | None]
    decline_reason: Mapped[str] = mapped_column(Text, default="")
    notes: Mapped[list[Any]] = mapped_column(default=list)


class Acceptance(TenantRow, Numbered, Base):
    """What was shown, to whom, when, from where, and the method that was chosen."""

    __tablename__ = "acceptances"
    __table_args__ = (
        belongs_to("proposals", "proposal_id"),
        UniqueConstraint("tenant_id", "proposal_id"),
    )

    proposal_id: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int]
    document_hash: Mapped[str]
    method: Mapped[str]
    accepted_at: Mapped[BusinessTime]
    ip_address: Mapped[str]
    user_agent: Mapped[str] = mapped_column(Text)
