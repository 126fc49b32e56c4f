"""What mails and Slack messages may say of a proposal, as plain text values."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.db import ScopedSession
from app.models import PaidInvoice, Proposal, Tenant
from app.money import Money, format_money
from app.proposals.content import amounts_in_words
from app.proposals.projection import purchase_of
from app.runtime import Runtime


def proposal_facts(
    session: ScopedSession, runtime: Runtime, payload: Mapping[str, Any]
) -> dict[str, Any]:
    """Facts of the proposal, its purchase and, where the payload names one, its paid invoice."""
    proposal = session.get_one(Proposal, payload["proposal_id"])
    purchase = purchase_of(session, proposal)
    document = proposal.document
    words = amounts_in_words(
        proposal.language,
        proposal.currency,
        proposal.due_now_minor,
        proposal.recurring_minor,
        proposal.interval,
    )
    return {
        "language": proposal.language,
        "number": proposal.number,
        "deal_name": document["deal"]["name"],
        "deal_url": deal_url(session, runtime, document["deal"]["id"]),
        "recipient_name": document["recipient"]["name"],
        "recipient_email": proposal.recipient_email,
        "company_name": (document["company"] or {}).get("name", ""),
        "seller_name": document["seller"]["name"],
        "rep_name": document["rep"]["name"],
        "rep_email": proposal.rep_email,
        "due_now": words["dueNow"],
        "recurring": words["recurring"],
        "valid_until": document["valid_until"],
        "link": _customer_link(runtime, proposal),
        "reason": payload.get("reason") or proposal.decline_reason,
        "method": purchase.method if purchase else "",
        "money_status": purchase.status if purchase else "",
        "hosted_url": purchase.hosted_invoice_url if purchase else "",
        **_invoice_facts(session, payload, proposal.language),
    }


def deal_url(session: ScopedSession, runtime: Runtime, hubspot_deal_id: str) -> str:
    """The deal's page in HubSpot.

    https://developers.hubspot.com/docs/api-reference/crm-objects-v3/guide
    """
    hub_id = session.get_one(Tenant, session.scope).hub_id
    return f"{runtime.settings.hubspot_app_base}/contacts/{hub_id}/record/0-3/{hubspot_deal_id}"


def _customer_link(runtime: Runtime, proposal: Proposal) -> str:
    if not proposal.sealed_token:
        return ""
    token = runtime.sealer.open(proposal.tenant_id, "proposal_token", proposal.sealed_token)
    return f"{runtime.settings.public_url}/p/{token}"


def _invoice_facts(
    session: ScopedSession, payload: Mapping[str, Any], language: str
) -> dict[str, Any]:
    invoice = session.scalars(
        select(PaidInvoice).where(PaidInvoice.stripe_invoice_id == payload.get("invoice_id", ""))
    ).first()
    if invoice is None:
        return {"invoice_number": "", "invoice_total": "", "invoice": None}
    total = Money(invoice.content["total_minor"], invoice.content["currency"])
    return {
        "invoice_number": invoice.number,
        "invoice_total": format_money(total, language),
        "invoice": invoice,
    }
