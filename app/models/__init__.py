"""Tables only; rules live in the packages that use them."""

from app.models.billing import Operation, PaidInvoice, Purchase, Step, StripeMirror
from app.models.deals import (
    Deal,
    DealProblem,
    PipelineStage,
    PortalOwner,
    PortalStage,
    PortalTaxRate,
    ProposalRequest,
    StageFact,
)
from app.models.doors import ColleagueSession, InstallState, SignInLink
from app.models.files import StoredFile
from app.models.messages import Decision, Message, Pause
from app.models.notices import Notice
from app.models.people import AuditEntry, Colleague
from app.models.proposals import Acceptance, Proposal
from app.models.tallies import Tally
from app.models.tenants import (
    BusinessClock,
    Connection,
    MailTest,
    Preferences,
    RefusedConfiguration,
    TeamChannel,
    Tenant,
    ToldDifference,
)

__all__ = [
    "Acceptance",
    "AuditEntry",
    "BusinessClock",
    "Colleague",
    "ColleagueSession",
    "Connection",
    "Deal",
    "DealProblem",
    "Decision",
    "InstallState",
    "MailTest",
    "Message",
    "Notice",
    "Operation",
    "PaidInvoice",
    "Pause",
    "PipelineStage",
    "PortalOwner",
    "PortalStage",
    "PortalTaxRate",
    "Preferences",
    "Proposal",
    "ProposalRequest",
    "Purchase",
    "RefusedConfiguration",
    "SignInLink",
    "StageFact",
    "Step",
    "StoredFile",
    "StripeMirror",
    "Tally",
    "TeamChannel",
    "Tenant",
    "ToldDifference",
]
