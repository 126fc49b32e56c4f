"""The other ends of a sent proposal: declined, withdrawn, expired."""

from datetime import datetime

from sqlalchemy import select

from app.db import Database, ScopedSession
from app.due import change_each
from app.errors import ConflictError
from app.models import Proposal
from app.proposals.accept import check_open
from app.proposals.flow import join_flow
from app.proposals.lifecycle import ProposalStatus
from app.proposals.projection import show_in_crm
from app.proposals.telling import tell
from app.proposals.transitions import move

LONGEST_REASON = 2000


def decline_proposal(
    session: ScopedSession, proposal: Proposal, *, version: int, reason: str, now: datetime
) -> None:
    """The customer declines, with or without a reason. `ConflictError` as in `accept_proposal`."""
    check_open(proposal, version, now)
    # A browser sends each line break as two characters, and lets so many be typed as count once.
    reason = "\n".join(reason.replace("\0", "").splitlines()).strip()[:LONGEST_REASON]
    _close(session, proposal, ProposalStatus.DECLINED, closed_at=now, decline_reason=reason)
    tell(session, "declined", str(proposal.id), {"proposal_id": proposal.id})


def withdraw_proposal(session: ScopedSession, proposal: Proposal, now: datetime) -> None:
    """The rep withdraws a sent proposal. Raises `ConflictError` if it was already answered."""
    _close(session, proposal, ProposalStatus.WITHDRAWN, closed_at=now)


def _close(
    session: ScopedSession, proposal: Proposal, status: ProposalStatus, **values: object
) -> None:
    if not move(session, proposal, status, **values):
        raise ConflictError(proposal.status, f"The proposal is {proposal.status}.")
    show_in_crm(session, proposal.deal_id)


def expire_due_proposals(database: Database, now: datetime) -> None:
    """Close proposals past their last day; the sweep calls this."""
    due = select(Proposal.tenant_id, Proposal.id).where(
        Proposal.status == ProposalStatus.SENT, Proposal.valid_until < now
    )
    change_each(database, due, lambda session, row_id: _expire(session, row_id, now))


def _expire(session: ScopedSession, proposal_id: int, now: datetime) -> None:
    proposal = session.get_one(Proposal, proposal_id)
    join_flow(session, proposal_id)
    if move(session, proposal, ProposalStatus.EXPIRED, closed_at=now):
        show_in_crm(session, proposal.deal_id)
