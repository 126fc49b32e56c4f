"""The money of an accepted proposal and the Stripe objects it became."""

from typing import Any

from sqlalchemy import BigInteger, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, TenantRow
from app.models.columns import BusinessTime, Numbered, WallTime, belongs_to, owned


class Purchase(TenantRow, Numbered, Base):
    """The second ladder: the status of the money of one acceptance.

    `hosted_invoice_url` is Stripe's page of the leading invoice, as read at `invoice_read_at` (wall
    time): Stripe's address does not last, so links lead through a new reading.
    `return_token_hash` finds it for the browser that comes back from Stripe's page;
    `seen_waiting_at` (wall time) is when that browser last asked. `generation` rises when the
    first invoice or subscription ended unpaid and new ones must be made. `billed_pages` are
    the Stripe pages (session ids) whose method was charged, whatever the result. `method` is the
    kind chosen on our page, or taken at Stripe's own since; "" after Stripe refused the chosen one.
    `problem` is in the rep's language: card and CRM show it, the customer never sees it.
    """

    __tablename__ = "purchases"
    __table_args__ = (
        owned(),
        belongs_to("proposals", "proposal_id"),
        UniqueConstraint("tenant_id", "proposal_id"),
    )

    public_id: Mapped[str] = mapped_column(unique=True)
    proposal_id: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str]
    method: Mapped[str]
    problem: Mapped[str] = mapped_column(Text, default="")
    return_token_hash: Mapped[str] = mapped_column(unique=True)
    sealed_return_token: Mapped[str] = mapped_column(Text, info={"sealed_for": "return_token"})
    seen_waiting_at: Mapped[WallTime | None]
    page_number: Mapped[int] = mapped_column(default=0)
    stripe_session_id: Mapped[str | None] = mapped_column(index=True)
    billed_pages: Mapped[list[Any]] = mapped_column(default=list)
    stripe_page_url: Mapped[str] = mapped_column(Text, default="")
    page_expires_at: Mapped[BusinessTime | None]
    stripe_customer_id: Mapped[str] = mapped_column(default="")
    stripe_payment_method_id: Mapped[str] = mapped_column(default="")
    stripe_subscription_id: Mapped[str | None] = mapped_column(index=True)
    stripe_invoice_id: Mapped[str | None] = mapped_column(index=True)
    hosted_invoice_url: Mapped[str] = mapped_column(Text, default="")
    accepted_at: Mapped[BusinessTime]
    generation: Mapped[int] = mapped_column(default=1)
    newest_invoice_id: Mapped[str] = mapped_column(default="")
    newest_invoice_at: Mapped[BusinessTime | None]
    invoice_read_at: Mapped[WallTime | None]
    first_paid_at: Mapped[BusinessTime | None]
    reminders_sent: Mapped[int] = mapped_column(default=0)


class Operation(TenantRow, Numbered):
    """One outside operation: its key and figures (`given`) are stored before the call to Stripe.

    A `Step` is one that belongs to a purchase; a `StripeMirror` makes what all purchases share.

    `state` is begun|done|undone. While begun, nobody knows what came of the calls with this key;
    undone: Stripe refused it, or deleted the object since, and the next try needs another key.
    """

    operation_key: Mapped[str]
    state: Mapped[str]
    tries: Mapped[int] = mapped_column(default=1)
    begun_at: Mapped[WallTime]
    done_at: Mapped[WallTime | None]
    object_id: Mapped[str] = mapped_column(default="")
    given: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Step(Operation, Base):
    """One money operation of a purchase, done once in each generation.

    `name`: page:<number>, subscription, invoice, lines, finalize, void:<invoice>,
    cancel:<subscription>, subscription_method:<payment method>, pay:<payment method>.
    """

    __tablename__ = "steps"
    __table_args__ = (
        belongs_to("purchases", "purchase_id"),
        UniqueConstraint("tenant_id", "purchase_id", "generation", "name"),
        UniqueConstraint("tenant_id", "operation_key"),
    )

    purchase_id: Mapped[int] = mapped_column(BigInteger)
    generation: Mapped[int]
    name: Mapped[str]


class StripeMirror(Operation, Base):
    """Which Stripe object stands for which of ours; made once for all purchases that need it.

    `our_key`: customer `company:<id>` or `contact:<id>`, product `product:<id>` or
    `name:<SHA-256 of the line's name>`, tax rate `<id>:<percentage>`. `has_credit`: the customer
    was seen with a balance or discount.
    """

    __tablename__ = "stripe_mirrors"
    __table_args__ = (UniqueConstraint("tenant_id", "stripe_account_id", "kind", "our_key"),)

    stripe_account_id: Mapped[str]
    kind: Mapped[str]
    our_key: Mapped[str] = mapped_column(Text)
    has_credit: Mapped[bool] = mapped_column(default=False)


class PaidInvoice(TenantRow, Numbered, Base):
    """A paid Stripe invoice: mailed once to the customer, shown in the CRM as the last one."""

    __tablename__ = "paid_invoices"
    __table_args__ = (
        belongs_to("purchases", "purchase_id"),
        UniqueConstraint("tenant_id", "stripe_invoice_id"),
    )

    purchase_id: Mapped[int] = mapped_column(BigInteger)
    stripe_invoice_id: Mapped[str]
    number: Mapped[str]
    paid_at: Mapped[BusinessTime]
    content: Mapped[dict[str, Any]]
