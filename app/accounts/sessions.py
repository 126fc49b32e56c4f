"""Sign-in for colleagues: sessions and one-time links."""

from datetime import timedelta

from sqlalchemy import select

from app.accounts.roles import meet
from app.audit import Who, audit
from app.clock import wall_now
from app.db import ScopedSession
from app.models import ColleagueSession, SignInLink
from app.tokens import new_token, token_hash

LINK_LIFE = timedelta(seconds=60)
SESSION_LIFE = timedelta(hours=12)


def make_sign_in_link(session: ScopedSession, user_id: int, user_email: str) -> str:
    """A token that opens one session for this person, once, within a minute."""
    meet(session, user_id, user_email)
    token = new_token()
    session.add(
        SignInLink(
            token_hash=token_hash(token),
            user_id=user_id,
            user_email=user_email,
            expires_at=wall_now() + LINK_LIFE,
        )
    )
    return token


def take_sign_in_link(session: ScopedSession, token: str) -> SignInLink | None:
    """Take the one-time link; None if it is unknown, used or older than a minute."""
    link = session.scalars(
        select(SignInLink).where(SignInLink.token_hash == token_hash(token)).with_for_update()
    ).first()
    if link is None:
        return None
    session.delete(link)
    return link if link.expires_at > wall_now() else None


def open_session(
    session: ScopedSession, tenant_id: int, user_id: int, user_email: str, address: str
) -> str:
    """Open a session and return its cookie's value; only the hash is stored."""
    token = new_token()
    who = Who.person(user_id, user_email, address)
    audit(session, who, "session.opened", tenant_id=tenant_id)
    session.add(
        ColleagueSession(
            tenant_id=tenant_id,
            token_hash=token_hash(token),
            user_id=user_id,
            user_email=user_email,
            expires_at=wall_now() + SESSION_LIFE,
        )
    )
    return token


def close_session(session: ScopedSession, row: ColleagueSession, who: Who) -> None:
    """Once, however often it is asked for at once."""
    if known := session.get(ColleagueSession, row.id, with_for_update=True):
        session.delete(known)
        audit(session, who, "session.closed")


def find_session(session: ScopedSession, token: str) -> ColleagueSession | None:
    """The session of this cookie; None if it is unknown or over."""
    row = session.scalars(
        select(ColleagueSession).where(ColleagueSession.token_hash == token_hash(token))
    ).first()
    return row if row and row.expires_at > wall_now() else None
