"""The customer chooses a payment method: that is the acceptance."""

from dataclasses import dataclass
from datetime import datetime

from app.billing.purchases import open_purchase
from app.db import ScopedSession
from app.errors import ConflictError
from app.models import Acceptance, Proposal, Purchase
from app.proposals.lifecycle import ProposalStatus
from app.proposals.projection import note_stage, show_in_crm
from app.proposals.telling import tell_by_mail, tell_team
from app.proposals.transitions import move
from app.seal import Sealer


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where the acceptance came from, as the request says."""

    ip_address: str
    user_agent: str


def accept_proposal(
    session: ScopedSession,
    sealer: Sealer,
    proposal: Proposal,
    *,
    method: str,
    version: int,
    evidence: Evidence,
    now: datetime,
) -> Purchase:
    """Accept, store the evidence, open the purchase and add all messages, in one commit.

    Raises `ConflictError` with code `replaced`, `expired`, `method_not_offered`, or the status
    the proposal now has (`accepted`, `declined`, `withdrawn`); then nothing is accepted.
    """
    check_open(proposal, version, now)
    if method not in proposal.methods:
        raise ConflictError("method_not_offered", "This payment method is not offered.")
    if not move(session, proposal, ProposalStatus.ACCEPTED):
        raise ConflictError(proposal.status, f"The proposal is {proposal.status}.")
    session.add(
        Acceptance(
            proposal_id=proposal.id,
            version=version,
            document_hash=proposal.document_hash,
            method=method,
            accepted_at=now,
            ip_address=evidence.ip_address,
            user_agent=evidence.user_agent[:1000],
        )
    )
    # They are worked in this order: the team's message is the quickest, the CRM can wait.
    told = {"proposal_id": proposal.id}
    tell_team(session, "accepted", str(proposal.id), told)
    purchase = open_purchase(session, sealer, proposal, method, now)
    tell_by_mail(session, "accepted", str(proposal.id), told)
    note_stage(session, proposal, "accepted")
    show_in_crm(session, proposal.deal_id)
    return purchase


def check_open(proposal: Proposal, version: int, now: datetime) -> None:
    """Raise `ConflictError` unless the customer may still answer the version on the page."""
    if proposal.status != ProposalStatus.SENT:
        raise ConflictError(proposal.status, f"The proposal is {proposal.status}.")
    if version != proposal.version:
        raise ConflictError("replaced", "A newer version replaced this one.")
    if proposal.valid_until is None or now > proposal.valid_until:
        raise ConflictError("expired", "The proposal is no longer valid.")
