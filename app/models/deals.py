"""What we know of the CRM: deals, what they show, requests, owners, stages, tax rates."""

from typing import Any

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, TenantRow
from app.models.columns import Numbered, WallTime, belongs_to, owned


class Deal(TenantRow, Numbered, Base):
    """A HubSpot deal seen by the card.

    `revision` counts changes of what the CRM must show; `pushed_revision` is the last one written.
    Until `quiet_until` (wall time) an earlier write, which timed out, may still arrive in the CRM.
    """

    __tablename__ = "deals"
    __table_args__ = (owned(), UniqueConstraint("tenant_id", "hubspot_deal_id"))

    hubspot_deal_id: Mapped[str]
    revision: Mapped[int] = mapped_column(default=0)
    pushed_revision: Mapped[int] = mapped_column(default=0)
    quiet_until: Mapped[WallTime | None]
    snapshot: Mapped[dict[str, Any] | None]
    snapshot_at: Mapped[WallTime | None]
    snapshot_clean: Mapped[bool] = mapped_column(default=False)
    stage_problem: Mapped[str] = mapped_column(Text, default="")
    pipeline_id: Mapped[str] = mapped_column(default="", server_default="")


class ProposalRequest(TenantRow, Numbered, Base):
    """One click on the card's button: taken, then refused or sent."""

    __tablename__ = "proposal_requests"
    __table_args__ = (
        owned(),
        belongs_to("deals", "deal_id"),
        UniqueConstraint("tenant_id", "request_id"),
        Index(
            "uq_proposal_requests_one_open",
            "tenant_id",
            "deal_id",
            unique=True,
            sqlite_where=text("status = 'taken'"),
            postgresql_where=text("status = 'taken'"),
        ),
    )

    deal_id: Mapped[int] = mapped_column(BigInteger)
    request_id: Mapped[str]
    user_id: Mapped[int] = mapped_column(BigInteger)
    user_email: Mapped[str]
    recipient_contact_id: Mapped[str]
    shown: Mapped[str]
    language: Mapped[str]
    status: Mapped[str] = mapped_column(default="taken")
    refusal: Mapped[str] = mapped_column(Text, default="")
    requested_at: Mapped[WallTime]


class DealProblem(TenantRow, Numbered, Base):
    """What could not be done about a deal, in words for the rep: the message is a dead letter."""

    __tablename__ = "deal_problems"
    __table_args__ = (belongs_to("deals", "deal_id"), UniqueConstraint("tenant_id", "message_id"))

    deal_id: Mapped[int] = mapped_column(BigInteger)
    # No foreign key: the index it would need on messages would slow down every webhook.
    message_id: Mapped[int] = mapped_column(BigInteger)
    kind: Mapped[str]
    words: Mapped[str] = mapped_column(Text)


class StageFact(TenantRow, Numbered, Base):
    """A deal stage to be written once: when its proposal was sent, accepted or paid.

    `status`: waiting, sending, written, refused or overtaken. A refused one is tried again while
    the deal stays in `refused_in`, where HubSpot last refused to move it on, at `refused_at`.
    """

    __tablename__ = "stage_facts"
    __table_args__ = (
        belongs_to("deals", "deal_id"),
        belongs_to("proposals", "proposal_id"),
        UniqueConstraint("tenant_id", "proposal_id", "event"),
    )

    deal_id: Mapped[int] = mapped_column(BigInteger)
    proposal_id: Mapped[int] = mapped_column(BigInteger)
    event: Mapped[str]
    stage_id: Mapped[str]
    status: Mapped[str] = mapped_column(default="waiting")
    sending_since: Mapped[WallTime | None]
    refused_in: Mapped[str] = mapped_column(default="", server_default="")
    refused_at: Mapped[WallTime | None]


class PortalOwner(TenantRow, Numbered, Base):
    """A rep as HubSpot knows them, read once a day."""

    __tablename__ = "portal_owners"
    __table_args__ = (UniqueConstraint("tenant_id", "hubspot_owner_id"),)

    hubspot_owner_id: Mapped[str]
    email: Mapped[str]
    name: Mapped[str]
    read_at: Mapped[WallTime]


class PortalStage(TenantRow, Numbered, Base):
    """A stage of one of the portal's deal pipelines, numbered in the portal's own order."""

    __tablename__ = "portal_stages"

    pipeline_id: Mapped[str] = mapped_column(default="", server_default="")
    hubspot_stage_id: Mapped[str]
    label: Mapped[str] = mapped_column(Text)
    pipeline_label: Mapped[str] = mapped_column(Text)
    read_at: Mapped[WallTime]


class PipelineStage(TenantRow, Numbered, Base):
    """The stage to which an event moves the deals of a pipeline.

    `pipeline_id` is "" for a choice of before pipelines were told apart, until they are read.
    """

    __tablename__ = "pipeline_stages"
    __table_args__ = (UniqueConstraint("tenant_id", "pipeline_id", "event"),)

    pipeline_id: Mapped[str]
    event: Mapped[str]
    stage_id: Mapped[str]


class PortalTaxRate(TenantRow, Numbered, Base):
    """A tax rate of the portal, read once a day."""

    __tablename__ = "portal_tax_rates"
    __table_args__ = (UniqueConstraint("tenant_id", "hubspot_tax_rate_id"),)

    hubspot_tax_rate_id: Mapped[str]
    label: Mapped[str]
    percentage: Mapped[str]
    active: Mapped[bool]
    read_at: Mapped[WallTime]
