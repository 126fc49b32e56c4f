"""Which deal and proposal a message's payload is about."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.db import ScopedSession
from app.models import Deal, Proposal, ProposalRequest, Purchase


def named_deal(session: ScopedSession, payload: Mapping[str, Any]) -> Deal | None:
    """The deal that it names itself, or whose request it names."""
    if "request_id" in payload:
        request = session.get(ProposalRequest, payload["request_id"])
        return session.get(Deal, request.deal_id) if request else None
    return session.get(Deal, payload["deal_id"]) if "deal_id" in payload else None


def named_proposal(session: ScopedSession, payload: Mapping[str, Any]) -> Proposal | None:
    """The proposal that it names itself, or whose purchase it names."""
    if "proposal_id" in payload:
        return session.get(Proposal, payload["proposal_id"])
    wanted = Purchase.id == payload.get("purchase_id")
    bought = select(Proposal).join(Purchase, Purchase.proposal_id == Proposal.id)
    return session.scalars(bought.where(wanted)).first()
