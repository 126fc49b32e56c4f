"""What could not be done about a deal: said from a message's death until it is done or dropped."""

from sqlalchemy import ColumnElement, delete, select

from app import messages
from app.db import ScopedSession
from app.messages import Claimed
from app.models import DealProblem
from app.proposals.projection import show_in_crm

# The CRM that could not be written cannot say so either; only the card does.
NOT_FOR_CRM = "hubspot.sync_deal"


def note_problem(session: ScopedSession, deal_id: int, message: Claimed, words: str) -> None:
    """The message is dead: say so, in the rep's language, on the card and in the CRM."""
    _delete(session, DealProblem.message_id == message.id)
    session.add(DealProblem(deal_id=deal_id, message_id=message.id, kind=message.kind, words=words))
    session.flush()
    if message.kind != NOT_FOR_CRM:
        show_in_crm(session, deal_id)


def forget_problem(session: ScopedSession, message_id: int) -> None:
    """What the message is about was done after all, or a person dropped it."""
    mine = DealProblem.message_id == message_id
    problem = session.scalars(select(DealProblem).where(mine)).first()
    if problem:
        session.delete(problem)
        session.flush()
        show_in_crm(session, problem.deal_id)


def forget_overtaken(session: ScopedSession, message: Claimed) -> None:
    """The message stands for the other dead letters of its kind and subject."""
    for message_id in messages.overtake(session, message):
        forget_problem(session, message_id)


def forget_problems(session: ScopedSession, deal_id: int, kind: str = "") -> None:
    """Forget the deal's problems, of one kind or all; the caller calls `show_in_crm`."""
    of_kind = [DealProblem.kind == kind] if kind else []
    _delete(session, DealProblem.deal_id == deal_id, *of_kind)


def newest_problem(session: ScopedSession, deal_id: int) -> str:
    """The words of the deal's newest problem; "" if there is none."""
    newest = select(DealProblem.words).where(DealProblem.deal_id == deal_id)
    return session.scalars(newest.order_by(DealProblem.id.desc())).first() or ""


def _delete(session: ScopedSession, *which: ColumnElement[bool]) -> None:
    gone = delete(DealProblem).where(*which)
    session.execute(gone.execution_options(synchronize_session=False))
