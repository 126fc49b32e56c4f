"""What the box of outgoing mail shows: who writes, where replies go, the last test mail."""

from datetime import tzinfo
from typing import Any

from app.accounts.mail_test import WAITING, find_mail_test
from app.db import ScopedSession
from app.language import say
from app.models import ColleagueSession, MailTest, Preferences
from app.settings import Settings
from app.wording.figures import moment

# Codes of our own, where the server said nothing; any other stands beside its words.
WORDLESS = ("no_answer", "untrusted", "no_login", "bad_header")


def mail_box(
    session: ScopedSession, settings: Settings, person: ColleagueSession, zone: tzinfo
) -> dict[str, Any]:
    """What the template needs, its state included."""
    preferences = session.get_one(Preferences, person.tenant_id)
    ready = settings.smtp_url and settings.mail_from
    test = find_mail_test(session, person.user_id)
    return {
        "status": "connected" if ready else "missing",
        "name": settings.mail_from,
        "problem": "",
        "sender": preferences.sender_name or preferences.seller_name,
        "reply_to": preferences.reply_to,
        "to": person.user_email,
        "test": test and _said(test, preferences.language, zone),
        "test_state": test and test.outcome,
    }


def _said(test: MailTest, language: str, zone: tzinfo) -> str:
    """What became of it, in one sentence; the server's own words are quoted."""
    values = {"to": test.user_email, "at": "", "code": test.code, "words": test.words}
    if test.tried_at:
        values["at"] = moment(test.tried_at.astimezone(zone), language)
    key = f"mail_box.outcome.{test.outcome}"
    if test.outcome == WAITING and not test.code:
        return say(language, "mail_box.outcome.asked", **values)
    if test.code:
        why = f"mail_box.why.{test.code if test.code in WORDLESS else 'said'}"
        values["why"] = say(language, why, **values)
    elif test.outcome == "refused":
        values["why"] = say(language, "mail_box.why.unknown")
    return say(language, key, **values)
