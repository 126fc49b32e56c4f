"""Builders of plain values, without a database; those of rows are in `tests/factories.py`."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

from app.messages import Claimed
from app.proposals.preflight import Facts
from app.proposals.request import Click
from app.providers.stripe.answers import InvoiceState, SubscriptionState
from app.snapshot import Contact, DealSnapshot
from tests.factories import VAT, make_line

# A Tuesday morning: the business time of tests that need one.
NOON = datetime(2026, 3, 10, 11, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def plain(text: str) -> str:
    """The text as a test writes it: single spaces where ours keep words on one line."""
    return " ".join(text.split())


def make_contact(**overrides: Any) -> Contact:
    values = {"id": "501", "first_name": "Jeanne", "last_name": "Martin"}
    return Contact(**{**values, "email": "jeanne@atelier-martin.example", **overrides})


def make_snapshot(**overrides: Any) -> DealSnapshot:
    """A deal that is ready: one contact, one monthly line of 450.00 EUR with 20 % tax."""
    values: dict[str, Any] = {
        "id": "5101",
        "name": "Coworking Atelier Martin",
        "amount": "450.00",
        "currency": "EUR",
        "owner_id": "9001",
        "contacts": (make_contact(),),
        "company": None,
        "lines": (make_line(),),
    }
    return DealSnapshot(**{**values, **overrides})


def make_facts(**overrides: Any) -> Facts:
    """Everything connected, the one tax rate known."""
    values: dict[str, Any] = {
        "stripe_connected": True,
        "mail_ready": True,
        "seller_named": True,
        "modes_agree": True,
        "portal_currency": "EUR",
        "billing_label": "Facturation",
        "tax_rates": {VAT.id: VAT},
    }
    return Facts(**{**values, **overrides})


def make_click(**overrides: Any) -> Click:
    """A click on the button of deal 5101."""
    values: dict[str, Any] = {
        "deal_id": "5101",
        "request_id": "2b1f0c9e-7f5e-4a0e-9a51-000000000001",
        "user_id": 7001,
        "user_email": "dana@maison.example",
        "recipient_contact_id": "501",
        "shown": "0" * 64,
        "language": "fr",
    }
    return Click(**{**values, **overrides})


def make_claimed(**overrides: Any) -> Claimed:
    """A message as a worker holds it, at its first attempt."""
    values: dict[str, Any] = {
        "id": next(_numbers),
        "tenant_id": 1,
        "kind": "hubspot.sync_deal",
        "provider": "hubspot",
        "subject": None,
        "payload": {},
        "operation_key": "1:hubspot.sync_deal:1:1",
        "attempt": 1,
        "doubts": 0,
        "deaths": 0,
        "bugs": 0,
        "sent_again": 0,
        "waits_for": "",
        "failing_since": None,
        "created_at": NOON,
        "request_id": "",
    }
    return Claimed(**{**values, **overrides})


def make_invoice_state(**overrides: Any) -> InvoiceState:
    """An open invoice of 540.00 EUR whose payment was refused; `paid=True` for a paid one."""
    paid = overrides.pop("paid", False)
    values: dict[str, Any] = {
        "id": "in_1",
        "status": "paid" if paid else "open",
        "number": "F-0001",
        "currency": "EUR",
        "total_minor": 54_000,
        "amount_due_minor": 54_000,
        "hosted_url": "https://invoice.example/in_1",
        "pdf_url": "https://invoice.example/in_1/pdf",
        "subscription_id": None,
        "billing_reason": "manual",
        "customer_id": "cus_1",
        "metadata": {},
        "payment_status": "succeeded" if paid else "requires_payment_method",
        "failure_code": None if paid else "card_declined",
        "failure_message": None,
        "created_at": NOON,
        "paid_at": NOON if paid else None,
    }
    return InvoiceState(**{**values, **overrides})


def make_subscription_state(**overrides: Any) -> SubscriptionState:
    """An active subscription whose newest invoice is paid."""
    values: dict[str, Any] = {
        "id": "sub_1",
        "status": "active",
        "customer_id": "cus_1",
        "metadata": {},
        "latest_invoice": make_invoice_state(paid=True),
    }
    return SubscriptionState(**{**values, **overrides})
