"""Files a tenant gave us: the logo and the terms."""

from sqlalchemy import LargeBinary, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, TenantRow
from app.models.columns import Numbered, WallTime


class StoredFile(TenantRow, Numbered, Base):
    """A file by the SHA-256 of its bytes: preferences and frozen proposals name it by that.

    One that was replaced stays, because what was sent goes on showing it.
    """

    __tablename__ = "stored_files"
    __table_args__ = (UniqueConstraint("tenant_id", "sha256"),)

    sha256: Mapped[str]
    content_type: Mapped[str]
    name: Mapped[str] = mapped_column(Text)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    added_at: Mapped[WallTime]
