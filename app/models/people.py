"""The people of a tenant, and what each of them did."""

from typing import Any

from sqlalchemy import BigInteger, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, TenantRow
from app.models.columns import Numbered, WallTime


class Colleague(TenantRow, Numbered, Base):
    """A person HubSpot vouched for (`user_id` is HubSpot's), and her role here."""

    __tablename__ = "colleagues"
    __table_args__ = (UniqueConstraint("tenant_id", "user_id"),)

    user_id: Mapped[int] = mapped_column(BigInteger)
    user_email: Mapped[str] = mapped_column(Text)
    role: Mapped[str]
    met_at: Mapped[WallTime]


class AuditEntry(TenantRow, Numbered, Base):
    """Who did what, when, from which address, and how it stood before and after.

    The database itself refuses to change an entry, and to delete one as long as its tenant is
    there (triggers of the migration).
    """

    __tablename__ = "audit_entries"

    at: Mapped[WallTime]
    who: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text, default="")
    what: Mapped[str]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
