"""The one statement that moves a proposal up its ladder."""

from typing import Any, cast

from sqlalchemy import CursorResult, update

from app.db import ScopedSession
from app.models import Proposal
from app.proposals.lifecycle import FOLLOWS, ProposalStatus


def move(session: ScopedSession, proposal: Proposal, to: ProposalStatus, **values: Any) -> bool:
    """Move the proposal where its row still allows it; False means somebody was faster."""
    allowed = [current for current, following in FOLLOWS.items() if to in following]
    statement = (
        update(Proposal)
        .where(Proposal.id == proposal.id, Proposal.status.in_(allowed))
        .values(status=to.value, **values)
        .execution_options(synchronize_session=False)
    )
    moved = cast("CursorResult[Any]", session.execute(statement)).rowcount == 1
    session.refresh(proposal)
    return moved
