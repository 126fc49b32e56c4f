"""A test mail that a colleague sends to herself: asked for once a minute, and what became of it."""

from datetime import timedelta

from sqlalchemy import select

from app import messages
from app.addresses import is_address
from app.clock import wall_now
from app.db import ScopedSession, find_or_add
from app.errors import AppError, ProviderError
from app.language import say
from app.models import MailTest
from app.runtime import Runtime

PAUSE = timedelta(minutes=1)
WAITING, DELIVERED, REFUSED = "waiting", "delivered", "refused"


def ask_for_test_mail(
    runtime: Runtime, tenant_id: int, user_id: int, user_email: str, language: str
) -> None:
    """Have a worker send it; raises `AppError` with one sentence where it cannot go out."""
    if not (runtime.settings.smtp_url and runtime.settings.mail_from):
        raise AppError("mail_missing", say(language, "mail_box.missing"))
    if not is_address(user_email):
        raise AppError("no_address", say(language, "mail_box.no_address"))
    with runtime.database.writing(tenant_id) as session:
        row = _row(session, user_id)
        if row.asked_at and wall_now() - row.asked_at < PAUSE:
            raise AppError("too_soon", say(language, "mail_box.too_soon"))
        row.number += 1
        row.user_email, row.asked_at, row.outcome = user_email, wall_now(), WAITING
        row.code = row.words = ""
        payload = {"user_id": user_id, "number": row.number}
        messages.add(session, "email.test", f"{user_id}:{row.number}", payload=payload)


def find_mail_test(session: ScopedSession, user_id: int) -> MailTest | None:
    """The last one this colleague asked for."""
    return session.scalars(select(MailTest).where(MailTest.user_id == user_id)).first()


def note_outcome(
    session: ScopedSession, user_id: int, number: int, outcome: str, error: ProviderError | None
) -> None:
    """Keep what the mail server said, unless she has asked for another one since."""
    row = _row(session, user_id)
    if row.number == number:
        row.outcome, row.tried_at = outcome, wall_now()
        row.code, row.words = (error.code or "", error.detail) if error else ("", "")


def note_given_up(session: ScopedSession, user_id: int, number: int) -> None:
    """Nobody will try it again; the server's last words stay."""
    row = _row(session, user_id)
    if row.number == number:
        row.outcome = REFUSED


def _row(session: ScopedSession, user_id: int) -> MailTest:
    """Her row, locked until it is written; made if need be."""
    hers = select(MailTest).where(MailTest.user_id == user_id).with_for_update()
    return find_or_add(session, lambda: session.scalars(hers).first(), MailTest(user_id=user_id))
