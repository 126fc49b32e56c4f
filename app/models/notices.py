"""Who of the seller's people is told of an event, and where."""

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, TenantRow
from app.models.columns import Numbered


class Notice(TenantRow, Numbered, Base):
    """What the tenant chose for an event; without a row the defaults of `accounts/notices` apply.

    `others` are mail addresses with spaces between them; `channel_id` is "" for the connection's.
    """

    __tablename__ = "notices"
    __table_args__ = (UniqueConstraint("tenant_id", "event"),)

    event: Mapped[str]
    to_rep: Mapped[bool]
    to_owner: Mapped[bool]
    others: Mapped[str] = mapped_column(Text)
    to_slack: Mapped[bool]
    channel_id: Mapped[str]
