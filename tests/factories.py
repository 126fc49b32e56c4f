"""Builders of rows: complete and valid by default; a test states only what matters to it."""

from __future__ import annotations

import itertools
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from app.accounts.connections import store_secrets
from app.accounts.sessions import open_session
from app.db import EVERY_TENANT
from app.models import (
    Acceptance,
    Connection,
    Deal,
    PaidInvoice,
    PipelineStage,
    Preferences,
    Proposal,
    ProposalRequest,
    Purchase,
    Tenant,
)
from app.proposals.content import Offer, document, fingerprint, price_line
from app.proposals.lifecycle import UNSENT
from app.proposals.send import end_of_day
from app.seal import Sealer
from app.snapshot import Company, Contact, DealSnapshot, Line, TaxRate
from app.tokens import new_token, token_hash
from tests.support.environ import CLOSED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.db import Database

A_DAY = timedelta(days=1)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
VAT = TaxRate("55", "TVA", "20", active=True)
SEALER = Sealer(CLOSED["ENCRYPTION_KEYS"])
_numbers = itertools.count(1)


def make_tenant(database: Database, **overrides: Any) -> Tenant:
    """A HubSpot account that installed us, with preferences that let it send.

    `stages`: the stage for each event, whatever the pipeline.
    """
    number = next(_numbers)
    preferences, stages = overrides.pop("preferences", {}), overrides.pop("stages", {})
    values = {"hub_id": 148_000_000 + number, "currency": "EUR"}
    tenant = Tenant(**{**values, "time_zone": "Europe/Paris", "installed_at": _now(), **overrides})
    with database.writing(EVERY_TENANT) as session:
        session.add(tenant)
        session.flush()
        session.add(Preferences(tenant_id=tenant.id, **{**_preferences(), **preferences}))
        session.add_all(
            PipelineStage(tenant_id=tenant.id, pipeline_id="", event=event, stage_id=stage)
            for event, stage in stages.items()
        )
    return tenant


def _preferences() -> dict[str, Any]:
    return {
        "seller_name": "Maison du Test",
        "seller_address": "12 rue des Lilas\n69003 Lyon\nSIREN 812 345 678",
        "sender_name": "Maison du Test",
        "reply_to": "bonjour@maison.example",
        "terms": "Préavis d'un mois.\nRèglement à l'échéance.",
    }


def make_connection(
    database: Database, tenant: Tenant, provider: str, secrets: dict[str, Any], **overrides: Any
) -> Connection:
    """A connected vendor, its secrets sealed."""
    values = {"public_id": new_token()[:22], "status": "connected", "account_id": provider}
    connection = Connection(
        tenant_id=tenant.id, provider=provider, **{**values, "livemode": False, **overrides}
    )
    store_secrets(SEALER, connection, secrets)
    with database.writing(tenant.id) as session:
        session.add(connection)
    return connection


def make_session(database: Database, tenant: Tenant, user_id: int = 7001) -> str:
    """The session cookie of a signed-in colleague."""
    with database.writing(tenant.id) as session:
        return open_session(session, tenant.id, user_id, "dana@maison.example", "")


def make_deal(database: Database, tenant: Tenant, **overrides: Any) -> Deal:
    values: dict[str, Any] = {"hubspot_deal_id": str(9000 + next(_numbers)), "snapshot": None}
    deal = Deal(tenant_id=tenant.id, **{**values, **overrides})
    with database.writing(tenant.id) as session:
        session.add(deal)
    return deal


def make_request(database: Database, deal: Deal, **overrides: Any) -> ProposalRequest:
    """One click on the card's button, already answered by a proposal."""
    values = {
        "request_id": str(uuid.uuid4()),
        "user_id": 7001,
        "user_email": "dana@maison.example",
        "recipient_contact_id": "501",
        "shown": "0" * 64,
        "language": "fr",
        "status": "sent",
        "requested_at": _now(),
    }
    request = ProposalRequest(tenant_id=deal.tenant_id, deal_id=deal.id, **{**values, **overrides})
    with database.writing(deal.tenant_id) as session:
        session.add(request)
    return request


def make_line(**overrides: Any) -> Line:
    """A monthly line of 450.00 with 20 % tax, as HubSpot gives it."""
    values: dict[str, Any] = {
        "id": str(next(_numbers)),
        "name": "Poste dédié",
        "description": "Accès jour et nuit",
        "product_id": "",
        "price": "450.00",
        "quantity": "1",
        "currency": "EUR",
        "frequency": "monthly",
        "unit_discount": "",
        "discount_percentage": "",
        "tax_rate_id": VAT.id,
        "amount": "450.00",
    }
    return Line(**{**values, **overrides})


def make_company(**overrides: Any) -> Company:
    values = {"id": "601", "name": "Atelier Martin", "street": "3 quai Rambaud"}
    town = {"postal_code": "69002", "city": "Lyon", "country": "France"}
    numbers = {"vat_number": "FR40123456824", "siren": "123456824"}
    return Company(**{**values, **town, **numbers, **overrides})


def make_document(
    lines: Sequence[Line] | None = None,
    *,
    currency: str = "EUR",
    language: str = "fr",
    deal_name: str = "Coworking Atelier Martin",
    contact: Contact | None = None,
    company: Company | None = None,
    seller: dict[str, str] | None = None,
    **circumstances: Any,
) -> dict[str, Any]:
    """A frozen document, made by the product's own arithmetic."""
    chosen = [make_line()] if lines is None else list(lines)
    person = contact or Contact("501", "Jeanne", "Martin", "jeanne@atelier-martin.example")
    rates = {VAT.id: VAT}
    priced = tuple(price_line(line, currency, rates.get(line.tax_rate_id)) for line in chosen)
    interval = next((line.interval for line in priced if line.interval), None)
    deal = DealSnapshot("9001", deal_name, "", currency, "9001", (person,), company, tuple(chosen))
    preferences = _preferences()
    return document(
        Offer(currency, interval, priced, person),
        deal,
        seller=seller
        or {
            "name": preferences["seller_name"],
            "address": preferences["seller_address"],
            "terms": preferences["terms"],
        },
        circumstances={
            "number": "P-2026-0001",
            "version": 1,
            "language": language,
            "issued_on": "2026-11-21",
            "valid_until": "2026-12-21",
            "rep": {"name": "Dana Petit", "email": "dana@maison.example"},
            **circumstances,
        },
    )


def make_proposal(
    database: Database,
    tenant: Tenant,
    *,
    status: str = "sent",
    content: dict[str, Any] | None = None,
    deal: Deal | None = None,
    valid_for: timedelta = timedelta(days=30),
    **overrides: Any,
) -> Proposal:
    """A proposal of a deal of its own; `token_of` gives its link's token."""
    deal = deal or make_deal(database, tenant)
    request = make_request(database, deal)
    sequence = next(_numbers)
    last_day = (_now() + valid_for).date()
    frozen = {
        **(content or make_document()),
        "number": f"P-{_now().year}-{sequence:04d}",
        "issued_on": _now().date().isoformat(),
        "valid_until": last_day.isoformat(),
    }
    row = {
        **_columns_of(frozen),
        "public_id": str(uuid.uuid4()),
        "deal_id": deal.id,
        "request_id": request.id,
        "year": _now().year,
        "sequence": sequence,
        "number": frozen["number"],
        "status": status,
        "methods": ["card", "sepa_debit"] if frozen["currency"] == "EUR" else ["card"],
        "created_at": _now(),
        "valid_until": end_of_day(last_day, ZoneInfo(tenant.time_zone)),
        **({} if status in UNSENT else _link(tenant)),
    }
    proposal = Proposal(tenant_id=tenant.id, **{**row, **overrides})
    with database.writing(tenant.id) as session:
        session.add(proposal)
    return proposal


def _columns_of(frozen: dict[str, Any]) -> dict[str, Any]:
    return {
        "document": frozen,
        "document_hash": fingerprint(frozen),
        "currency": frozen["currency"],
        "due_now_minor": frozen["due_now"]["total_minor"],
        "recurring_minor": frozen["recurring"]["total_minor"],
        "interval": frozen["interval"],
        "language": frozen["language"],
        "recipient_email": frozen["recipient"]["email"],
        "rep_email": frozen["rep"]["email"],
    }


def _link(tenant: Tenant) -> dict[str, Any]:
    token = new_token()
    return {
        "token_hash": token_hash(token),
        "sealed_token": SEALER.seal(tenant.id, "proposal_token", token),
        "sent_at": _now(),
    }


def token_of(proposal: Proposal) -> str:
    """The token of the customer's link."""
    return SEALER.open(proposal.tenant_id, "proposal_token", proposal.sealed_token)


def make_purchase(
    database: Database, proposal: Proposal, *, status: str = "awaiting_method", **overrides: Any
) -> Purchase:
    """The money of an acceptance, which is made as well; `return_token_of` gives its token."""
    token = new_token()
    values = {
        "public_id": str(uuid.uuid4()),
        "method": "card",
        "return_token_hash": token_hash(token),
        "sealed_return_token": SEALER.seal(proposal.tenant_id, "return_token", token),
        "accepted_at": _now(),
        "page_number": 1,
    }
    purchase = Purchase(
        tenant_id=proposal.tenant_id,
        proposal_id=proposal.id,
        status=status,
        **{**values, **overrides},
    )
    with database.writing(proposal.tenant_id) as session:
        row = session.get_one(Proposal, proposal.id)
        row.status = "accepted"
        session.add(purchase)
        session.add(_acceptance(row, purchase.method))
    return purchase


def _acceptance(proposal: Proposal, method: str) -> Acceptance:
    return Acceptance(
        proposal_id=proposal.id,
        version=proposal.version,
        document_hash=proposal.document_hash,
        method=method,
        accepted_at=_now(),
        ip_address="192.0.2.7",
        user_agent="Tests",
    )


def return_token_of(purchase: Purchase) -> str:
    """The token of the page she comes back to from Stripe."""
    return SEALER.open(purchase.tenant_id, "return_token", purchase.sealed_return_token)


def make_paid_invoice(database: Database, purchase: Purchase, **overrides: Any) -> PaidInvoice:
    values = {
        "stripe_invoice_id": f"in_{next(_numbers)}",
        "number": f"F-{next(_numbers):04d}",
        "paid_at": _now(),
        "content": {"currency": "EUR", "total_minor": 54_000, "lines": []},
    }
    invoice = PaidInvoice(
        tenant_id=purchase.tenant_id, purchase_id=purchase.id, **{**values, **overrides}
    )
    with database.writing(purchase.tenant_id) as session:
        session.add(invoice)
    return invoice


def _now() -> datetime:
    return datetime.now(UTC)
