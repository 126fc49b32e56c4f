"""Whether what a mail would say is still so at the moment when it is sent."""

from datetime import datetime

from sqlalchemy import select

from app.accounts.connections import find_connection
from app.billing.ladder import MoneyStatus
from app.billing.purchases import being_read
from app.db import ScopedSession
from app.models import Proposal, Purchase
from app.proposals.lifecycle import ProposalStatus
from app.wording.mails import Shape


def is_still_true(session: ScopedSession, shape: Shape, proposal_id: int, now: datetime) -> bool:
    """Whether proposal and money still stand where a mail of this shape says; `now`: business."""
    if shape.only_offered:
        return _may_be_answered(session.get_one(Proposal, proposal_id), now)
    if shape.only_while is None:
        return True
    of_proposal = select(Purchase).where(Purchase.proposal_id == proposal_id)
    purchase = session.scalars(of_proposal).first()
    if purchase is None or purchase.status not in shape.only_while:
        return False
    # A method that was entered is not awaited, though nobody has read it yet.
    return purchase.status != MoneyStatus.AWAITING_METHOD or not being_read(session, purchase)


def _may_be_answered(proposal: Proposal, now: datetime) -> bool:
    valid = proposal.valid_until is None or now <= proposal.valid_until
    return proposal.status == ProposalStatus.SENT and valid


def is_still_lost(session: ScopedSession, provider: str) -> bool:
    """Whether a vendor is still to be connected again."""
    connection = find_connection(session, provider)
    return connection is not None and connection.status == "reconnect_needed"
