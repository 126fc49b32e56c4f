"""Work that comes from outside joins the flow of the proposal it is about."""

from sqlalchemy import select

from app.db import ScopedSession
from app.models import Proposal, ProposalRequest
from app.trail import join


def join_flow(session: ScopedSession, proposal_id: int) -> None:
    """Log and add messages from here on under the id of the rep's click, whoever acts now."""
    flow = (
        select(Proposal.number, ProposalRequest.request_id)
        .join(ProposalRequest, ProposalRequest.id == Proposal.request_id)
        .where(Proposal.id == proposal_id)
    )
    number, request_id = session.execute(flow).one()
    join(request_id, proposal=number)
