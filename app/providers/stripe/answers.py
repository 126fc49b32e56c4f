"""What Stripe said, as plain data: no StripeObject leaves the provider."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Account:
    """The account behind a key."""

    id: str
    livemode: bool
    name: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A webhook endpoint of the account; `current`: it sends events of the version we read."""

    id: str
    url: str
    enabled: bool
    current: bool
    events: frozenset[str]


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer; a negative `balance_minor` is credit that a charge would use up."""

    id: str
    balance_minor: int
    has_discount: bool
    deleted: bool
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Preview:
    """What Stripe would invoice now; `amount_due_minor` has balance and credit applied."""

    total_minor: int
    amount_due_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Session:
    """A setup page.

    `status` is open|complete|expired; `url` is "" unless it is open. `setup_status` is the
    SetupIntent's own (succeeded, requires_action, ...), None where Stripe did not send it.
    """

    id: str
    status: str
    url: str
    expires_at: datetime
    setup_status: str | None
    payment_method_id: str | None
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """One line as Stripe words it, before tax."""

    description: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class InvoiceState:
    """An invoice and the state of its payment.

    `status` is draft|open|paid|void|uncollectible; `payment_status` is its payment intent's
    (succeeded|processing|requires_action|requires_payment_method|...), None while there is none
    or Stripe did not send it. `failure_code` is the bank's decline code where there is one.
    `metadata` is the invoice's own, or its subscription's as frozen on the invoice.
    `tried_method_id` is the payment method of the newest attempt, `tried_method_kind` its kind
    (card|sepa_debit|...) where that was read. `total_minor` is after
    `discount_minor` and with `tax_minor`; customer credit or an older balance makes
    `amount_due_minor` and `amount_paid_minor` differ from it.
    https://docs.stripe.com/api/invoices/object
    """

    id: str
    status: str
    number: str | None
    currency: str
    total_minor: int
    amount_due_minor: int
    hosted_url: str | None
    pdf_url: str | None
    subscription_id: str | None
    billing_reason: str | None
    customer_id: str | None
    metadata: Mapping[str, str]
    payment_status: str | None
    failure_code: str | None
    failure_message: str | None
    created_at: datetime
    paid_at: datetime | None
    tried_method_id: str | None = None
    tried_method_kind: str | None = None
    amount_paid_minor: int = 0
    tax_minor: int = 0
    discount_minor: int = 0

    @property
    def holds_money(self) -> bool:
        """Paid, or a payment is under way: no second one may be begun."""
        return self.status == "paid" or self.payment_status in ("processing", "succeeded")

    @property
    def untried(self) -> bool:
        """Open, and nothing was charged yet: no news of any payment."""
        waits = self.payment_status == "requires_payment_method"
        return self.status == "open" and waits and self.failure_code is None

    def was_tried_with(self, payment_method_id: str) -> bool:
        """Whether this method was charged for it, with whatever result."""
        return self.tried_method_id == payment_method_id and not self.untried

    @property
    def needs_person(self) -> bool:
        """The bank asks its customer to confirm (3DS), which is done at `hosted_url`."""
        refused_for_it = self.failure_code == "authentication_required"
        waiting = self.payment_status == "requires_action"
        return self.status == "open" and (waiting or refused_for_it)


@dataclass(frozen=True, slots=True)
class SubscriptionState:
    """A subscription and its newest invoice. `status` is active|past_due|canceled|incomplete|...

    `method_id` is the payment method of its renewals, `method_kind` its kind (card|sepa_debit|...)
    where that was read. `latest_invoice` is None where it was not read.
    """

    id: str
    status: str
    customer_id: str
    metadata: Mapping[str, str]
    latest_invoice: InvoiceState | None
    method_id: str | None = None
    method_kind: str | None = None

    @property
    def has_ended(self) -> bool:
        """It charges nothing more, ever."""
        return self.status in ("canceled", "incomplete_expired")


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as a list shows it. `kind` is Stripe's word for it (`checkout.session`).

    `status` is "" where it has none; an invoice's `metadata` holds its subscription's too.
    """

    kind: str
    id: str
    status: str
    livemode: bool
    created_at: datetime
    metadata: Mapping[str, str]
