"""Forgetting what was drafted and never sent, when it is older than the tenant keeps data."""

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import aliased

from app.db import ScopedSession
from app.models import Preferences, Proposal, ProposalRequest
from app.proposals.lifecycle import ProposalStatus

AT_ONCE = 1_000


def forget_unsent(session: ScopedSession, now: datetime) -> None:
    """Delete refused drafts and their clicks, some each night, as there may be many.

    The last number of a year stays until another is taken: none is given twice.
    """
    kept = timedelta(days=session.get_one(Preferences, session.scope).retention_days)
    later = aliased(Proposal)
    numbered = exists().where(later.year == Proposal.year, later.sequence > Proposal.sequence)
    old = select(Proposal.id, Proposal.request_id).where(
        Proposal.status == ProposalStatus.REFUSED, Proposal.created_at < now - kept, numbered
    )
    found = session.execute(old.limit(AT_ONCE)).all()
    session.execute(delete(Proposal).where(Proposal.id.in_([row.id for row in found])))
    clicks = [row.request_id for row in found]
    session.execute(delete(ProposalRequest).where(ProposalRequest.id.in_(clicks)))
