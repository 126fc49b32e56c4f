"""The one statement that moves a proposal up its ladder."""

from typing import Any

from sqlalchemy import update

from app.db import ScopedSession, changed_rows
from app.models import Proposal
from app.proposals.lifecycle import FOLLOWS, ProposalStatus


def move(session: ScopedSession, proposal: Proposal, to: ProposalStatus, **values: Any) -> bool:
    """Move the proposal if its row still allows it; False means another change came first."""
    allowed = [current for current, following in FOLLOWS.items() if to in following]
    statement = (
        update(Proposal)
        .where(Proposal.id == proposal.id, Proposal.status.in_(allowed))
        .values(status=to.value, **values)
    )
    moved = changed_rows(session, statement) == 1
    session.refresh(proposal)
    return moved
