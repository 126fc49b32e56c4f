"""Short-lived proofs of identity; only the hash of what the person holds is stored."""

from sqlalchemy import BigInteger
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, TenantRow
from app.models.columns import Numbered, WallTime


class InstallState(Base):
    """The one-time `state` of an OAuth round trip, bound to the browser that began it."""

    __tablename__ = "install_states"

    state_hash: Mapped[str] = mapped_column(primary_key=True)
    browser_hash: Mapped[str]
    expires_at: Mapped[WallTime]


class SignInLink(TenantRow, Numbered, Base):
    """A link from the card that opens one session, once, within 60 seconds."""

    __tablename__ = "sign_in_links"

    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    user_email: Mapped[str]
    expires_at: Mapped[WallTime]


class ColleagueSession(TenantRow, Numbered, Base):
    """A signed-in person of the tenant: the installer or a rep."""

    __tablename__ = "colleague_sessions"

    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    user_email: Mapped[str]
    expires_at: Mapped[WallTime]
