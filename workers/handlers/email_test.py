"""Sends a colleague the test mail she asked for, and keeps what the mail server said to it."""

from app.accounts.mail_test import DELIVERED, WAITING, note_given_up, note_outcome
from app.db import ScopedSession
from app.errors import ProviderError
from app.messages import Claimed
from app.reasons import Reason
from app.runtime import Runtime
from workers.handler import Effect
from workers.handlers import email


def work(runtime: Runtime, message: Claimed) -> Effect:
    """payload: `user_id` and the `number` of her test.

    What the server said is stored at once: she waits for it, while the mail is tried again.
    """
    asked = message.payload["user_id"], message.payload["number"]
    try:
        email.work(runtime, message)
    except ProviderError as error:
        with runtime.database.writing(message.tenant_id) as session:
            note_outcome(session, *asked, WAITING, error)
        raise
    return lambda session: note_outcome(session, *asked, DELIVERED, None)


def when_dead(session: ScopedSession, message: Claimed, _reason: Reason) -> None:
    note_given_up(session, message.payload["user_id"], message.payload["number"])
