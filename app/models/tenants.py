"""A HubSpot account that installed us, its connections and preferences."""

import json
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, TenantRow
from app.methods import METHODS
from app.models.columns import BusinessTime, Numbered, WallTime
from app.wording.colour import OURS


class Tenant(Numbered, Base):
    """One HubSpot account (`hub_id`).

    `reconciled_at`: when its books were last compared with Stripe's to the end, and
    `next_reconciliation_at` when they will be. Once HubSpot is gone (`left_at`) its data stays
    until `erase_after`, which the owner was told of at `warned_at`; `erased_at`: it is done.
    """

    __tablename__ = "tenants"

    hub_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    currency: Mapped[str] = mapped_column(default="")
    time_zone: Mapped[str] = mapped_column(default="UTC")
    test_account: Mapped[bool] = mapped_column(default=False)
    installed_at: Mapped[WallTime]
    # Of the version before, which still reads it while this one is being started: a later one drops
    # the column. The installer is the first owner among the colleagues.
    installer_user_id: Mapped[int] = mapped_column(BigInteger, default=0)
    reconciled_at: Mapped[BusinessTime | None]
    next_reconciliation_at: Mapped[BusinessTime | None]
    left_at: Mapped[BusinessTime | None]
    erase_after: Mapped[BusinessTime | None]
    warned_at: Mapped[BusinessTime | None]
    erased_at: Mapped[BusinessTime | None]


class Connection(TenantRow, Numbered, Base):
    """A tenant's access to one vendor; `sealed` holds its secrets as sealed JSON.

    `platform_account`: the Stripe account that our platform's key reaches for this tenant, and for
    no other; None where the tenant gave a key of its own.
    """

    __tablename__ = "connections"
    __table_args__ = (UniqueConstraint("tenant_id", "provider"),)

    provider: Mapped[str]
    public_id: Mapped[str] = mapped_column(unique=True)
    status: Mapped[str] = mapped_column(default="pending")
    account_id: Mapped[str] = mapped_column(default="")
    account_name: Mapped[str] = mapped_column(Text, default="")
    livemode: Mapped[bool] = mapped_column(default=True)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    sealed: Mapped[str] = mapped_column(
        Text, default="", info={"sealed_for": "connection.{provider}"}
    )
    problem: Mapped[str] = mapped_column(Text, default="")
    expires_at: Mapped[WallTime | None]
    refresh_lease_until: Mapped[WallTime | None]
    refreshed: Mapped[int] = mapped_column(default=0)
    platform_account: Mapped[str | None] = mapped_column(index=True, unique=True)


class Preferences(TenantRow, Base):
    """What the tenant's proposals say and do.

    `logo` and `terms_file` are hashes of a `StoredFile`, or "". `time_zone` and `currency` are ""
    where the portal's apply. The quiet hours are like `22:00` and `07:30`, or "" for none. A new
    column has a default in the database too, because the version before goes on adding rows while
    this one starts.
    """

    __tablename__ = "preferences"

    tenant_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("tenants.id", ondelete="CASCADE"), primary_key=True
    )
    seller_name: Mapped[str] = mapped_column(Text, default="")
    seller_address: Mapped[str] = mapped_column(Text, default="")
    legal_form: Mapped[str] = mapped_column(Text, default="", server_default="")
    siren: Mapped[str] = mapped_column(default="", server_default="")
    vat_number: Mapped[str] = mapped_column(default="", server_default="")
    colour: Mapped[str] = mapped_column(default=OURS, server_default=OURS)
    logo: Mapped[str] = mapped_column(default="", server_default="")
    sender_name: Mapped[str] = mapped_column(Text, default="")
    reply_to: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(default="fr")
    time_zone: Mapped[str] = mapped_column(default="", server_default="")
    currency: Mapped[str] = mapped_column(default="", server_default="")
    methods: Mapped[list[Any]] = mapped_column(
        default=lambda: list(METHODS), server_default=json.dumps(METHODS)
    )
    terms: Mapped[str] = mapped_column(Text, default="")
    terms_file: Mapped[str] = mapped_column(default="", server_default="")
    terms_file_name: Mapped[str] = mapped_column(Text, default="", server_default="")
    validity_days: Mapped[int] = mapped_column(default=30)
    billing_label: Mapped[str] = mapped_column(Text, default="")
    quiet_from: Mapped[str] = mapped_column(default="", server_default="")
    quiet_until: Mapped[str] = mapped_column(default="", server_default="")
    retention_days: Mapped[int] = mapped_column(default=365, server_default="365")
    # Now in `PipelineStage`: only the version before reads these three, and the next drops them.
    stage_sent: Mapped[str] = mapped_column(default="")
    stage_accepted: Mapped[str] = mapped_column(default="")
    stage_paid: Mapped[str] = mapped_column(default="")


class TeamChannel(TenantRow, Numbered, Base):
    """A channel of the tenant's Slack workspace that the bot can see, or that messages go to.

    `trouble` is Slack's word for why it takes none of ours, "" while it does; `lost_at`: since when
    the owner was last told of one.
    """

    __tablename__ = "team_channels"
    __table_args__ = (UniqueConstraint("tenant_id", "slack_channel_id"),)

    slack_channel_id: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    is_private: Mapped[bool] = mapped_column(default=False)
    is_member: Mapped[bool] = mapped_column(default=False)
    is_archived: Mapped[bool] = mapped_column(default=False)
    trouble: Mapped[str] = mapped_column(default="")
    lost_at: Mapped[WallTime | None]
    read_at: Mapped[WallTime]


class MailTest(TenantRow, Numbered, Base):
    """The last test mail a colleague sent herself, the `number`-th.

    `outcome` is waiting, delivered or refused; `code` and `words` are the mail server's, "" where
    it said nothing.
    """

    __tablename__ = "mail_tests"
    __table_args__ = (UniqueConstraint("tenant_id", "user_id"),)

    user_id: Mapped[int] = mapped_column(BigInteger)
    user_email: Mapped[str] = mapped_column(default="")
    number: Mapped[int] = mapped_column(default=0)
    outcome: Mapped[str] = mapped_column(default="")
    code: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(Text, default="")
    asked_at: Mapped[WallTime | None]
    tried_at: Mapped[WallTime | None]


class ToldDifference(TenantRow, Numbered, Base):
    """A difference between our books and a vendor's that the owner was told of.

    It is told once, and forgotten when it is found no more.
    """

    __tablename__ = "told_differences"
    __table_args__ = (UniqueConstraint("tenant_id", "name"),)

    name: Mapped[str]
    told_at: Mapped[WallTime]


class RefusedConfiguration(Base):
    """A vendor that refuses our installation itself, with its code for why, since when."""

    __tablename__ = "refused_configurations"

    provider: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str]
    since: Mapped[WallTime]


class BusinessClock(Base):
    """The sandbox's offset of business time, one row; production refuses to have it."""

    __tablename__ = "business_clock"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    offset_seconds: Mapped[int] = mapped_column(BigInteger)
