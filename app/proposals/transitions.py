"""The one statement that moves a proposal up its ladder."""

from typing import Any

from sqlalchemy import update

from app.db import ScopedSession, changed_rows
from app.models import Proposal
from app.proposals.lifecycle import FOLLOWS, ProposalStatus
from app.proposals.problems import forget_problems


def move(session: ScopedSession, proposal: Proposal, to: ProposalStatus, **values: Any) -> bool:
    """Move the proposal if its row still allows it; False means another change came first."""
    allowed = [current for current, following in FOLLOWS.items() if to in following]
    statement = (
        update(Proposal)
        .where(Proposal.id == proposal.id, Proposal.status.in_(allowed))
        .values(status=to.value, **values)
    )
    moved = changed_rows(session, statement) == 1
    if moved and to != ProposalStatus.REFUSED:
        # A new proposal begins anew; one that is answered or closed needs its mail no more.
        over = "" if to == ProposalStatus.SENT else "email.proposal_sent"
        forget_problems(session, proposal.deal_id, over)
    session.refresh(proposal)
    return moved
