"""Asked last before a mail or a post: neither vendor can tell that our message was taken over."""

from sqlalchemy import select

from app.messages import Claimed, Ignored
from app.models import Message
from app.runtime import Runtime

TAKEN_OVER = "another process has taken it over"


def refuse_unless_held(runtime: Runtime, message: Claimed) -> None:
    """Raise `Ignored` where this process stood still for so long that another works the message.

    Nothing is stored then: the row is not this attempt's any more.
    """
    held = select(Message.id).where(
        Message.id == message.id,
        Message.attempts == message.attempt,
        Message.status == "leased",
    )
    with runtime.database.reading(message.tenant_id) as session:
        if session.scalar(held) is None:
            raise Ignored(TAKEN_OVER)
