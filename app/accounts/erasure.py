"""What is erased of a tenant that left, and what is kept: the evidence of what was accepted.

French law has a contract made online kept for ten years (Code de la consommation, L213-1) and what
accounts rest on as well (Code de commerce, L123-22). So a proposal that was accepted stays with
its frozen text, the acceptance and its invoices' numbers; whoever it was sent by stays named there.
"""

from datetime import datetime

from sqlalchemy import delete, null, select, update

from app.accounts.leave_stripe import leave_stripe
from app.audit import US, audit
from app.db import Database, ScopedSession
from app.models import (
    Acceptance,
    AuditEntry,
    Colleague,
    ColleagueSession,
    Connection,
    Deal,
    DealProblem,
    Decision,
    MailTest,
    Message,
    Notice,
    PaidInvoice,
    Pause,
    PipelineStage,
    PortalOwner,
    PortalStage,
    PortalTaxRate,
    Preferences,
    Proposal,
    ProposalRequest,
    Purchase,
    SignInLink,
    StageFact,
    Step,
    StoredFile,
    StripeMirror,
    TeamChannel,
    Tenant,
    ToldDifference,
)

# Of these only what belongs to an accepted proposal; files are the terms that were accepted.
EVIDENCE = (Proposal, Acceptance, Purchase, PaidInvoice, Deal, ProposalRequest)
KEPT = (StoredFile, AuditEntry)
ERASED = (
    DealProblem,
    StageFact,
    Step,
    StripeMirror,
    ToldDifference,
    Decision,
    MailTest,
    Message,
    Notice,
    Pause,
    PipelineStage,
    PortalOwner,
    PortalStage,
    PortalTaxRate,
    TeamChannel,
    SignInLink,
    ColleagueSession,
    Colleague,
    Connection,
    Preferences,
)
MESSAGES_AT_ONCE = 5_000


def erase_tenant(database: Database, tenant_id: int, now: datetime) -> None:
    """Erase it, unless it came back meanwhile; begun anew after a crash.

    Not before our endpoint is off its Stripe account: the key that does it is erased, too.
    """
    with database.writing(tenant_id) as session:
        if _due(session, now) is None or leave_stripe(session):
            return
    while _erase_messages(database, tenant_id, now):
        pass
    with database.writing(tenant_id) as session:
        tenant = _due(session, now)
        if tenant is None:
            return
        for table in ERASED:
            session.execute(delete(table))
        _erase_unaccepted(session)
        _cut_links(session)
        tenant.erased_at = now
        audit(session, US, "tenant.erased")


def _due(session: ScopedSession, now: datetime) -> Tenant | None:
    tenant = session.get_one(Tenant, session.scope, with_for_update=True)
    due = tenant.erase_after is not None and tenant.erase_after <= now
    return tenant if due and tenant.erased_at is None else None


def _erase_messages(database: Database, tenant_id: int, now: datetime) -> bool:
    """Some of them, since there may be a million; True if there may be more."""
    with database.writing(tenant_id) as session:
        if _due(session, now) is None:
            return False
        some = session.scalars(select(Message.id).limit(MESSAGES_AT_ONCE)).all()
        session.execute(delete(Message).where(Message.id.in_(some)))
    return len(some) == MESSAGES_AT_ONCE


def _erase_unaccepted(session: ScopedSession) -> None:
    accepted = select(Acceptance.proposal_id)
    session.execute(delete(Proposal).where(Proposal.id.not_in(accepted)))
    for table, named in ((ProposalRequest, Proposal.request_id), (Deal, Proposal.deal_id)):
        session.execute(delete(table).where(table.id.not_in(select(named))))


def _cut_links(session: ScopedSession) -> None:
    """Nobody opens a page with what is kept, and what the CRM said of the deal is gone."""
    session.execute(update(Proposal).values(token_hash=None, sealed_token="", notes=[]))
    cut = {"sealed_return_token": "", "stripe_page_url": "", "hosted_invoice_url": ""}
    for purchase in session.scalars(select(Purchase)):
        purchase.return_token_hash = f"erased {purchase.id}"
    session.flush()
    session.execute(update(Purchase).values(problem="", **cut))
    session.execute(update(Deal).values(snapshot=null(), stage_problem=""))
