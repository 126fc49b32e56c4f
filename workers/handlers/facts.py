"""What mails and Slack messages may say of a proposal, as plain text values."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from app.accounts.preferences.uploads import find_file
from app.billing.ladder import settled_by_credit
from app.db import ScopedSession
from app.language import say
from app.models import Proposal, Purchase, Tenant
from app.money import Money, format_money
from app.proposals.content import amounts_of
from app.proposals.request import rep_language
from app.proposals.seller import seller_of
from app.providers.hubspot.pages import deal_page
from app.runtime import Runtime
from app.trail import note


def proposal_facts(
    session: ScopedSession, runtime: Runtime, payload: Mapping[str, Any], *, for_rep: bool = False
) -> dict[str, Any]:
    """Facts of the proposal, its purchase and what the message itself carries.

    `language` and the sums follow the rep's language for a mail to the rep, else the proposal's.
    """
    # One statement, not three, so that the team hears of an acceptance sooner.
    proposal, tenant, purchase = session.execute(
        select(Proposal, Tenant, Purchase)
        .join(Tenant, Tenant.id == Proposal.tenant_id)
        .outerjoin(Purchase, Purchase.proposal_id == Proposal.id)
        .where(Proposal.id == payload["proposal_id"])
    ).one()
    note(proposal=proposal.number)
    document, link = proposal.document, _customer_link(runtime, proposal)
    language = rep_language(session, proposal) if for_rep else proposal.language
    amounts, seller = amounts_of(proposal, language), seller_of(document)
    return {
        "language": language,
        "number": proposal.number,
        "deal_name": document["deal"]["name"],
        "deal_url": deal_page(
            runtime.settings.hubspot_app_base, tenant.hub_id, document["deal"]["id"]
        ),
        "recipient_name": document["recipient"]["name"],
        "recipient_email": proposal.recipient_email,
        "company_name": (document["company"] or {}).get("name", ""),
        "seller_name": seller.name,
        "seller_about": seller.about(language),
        "accent": seller.colour,
        "logo": _logo(session, seller.logo),
        "customer_address": _address(document["company"]),
        "line_names": [line["name"] for line in document["lines"]],
        "rep_name": document["rep"]["name"],
        "rep_email": proposal.rep_email,
        "due_now": amounts.due_now,
        "recurring": amounts.recurring,
        "valid_until": document["valid_until"],
        "link": link,
        "invoice_link": f"{link}/invoice" if link and purchase else "",
        "reason": payload.get("reason") or proposal.decline_reason,
        "our_figure": amounts.due_now,
        "stripe_figure": _sum(payload.get("stripe_minor"), proposal.currency, language),
        "invoice_number": payload.get("invoice_number", ""),
        "invoice_total": _sum(payload.get("invoice_minor"), proposal.currency, language),
        "payment": _payment(payload, proposal.currency, language, for_rep=for_rep),
        "by_credit": settled_by_credit(payload.get("invoice_minor", 0), payload.get("paid_minor")),
        "method": purchase.method if purchase else "",
        "money_status": purchase.status if purchase else "",
        "hosted_url": purchase.hosted_invoice_url if purchase else "",
    }


def _logo(session: ScopedSession, sha256: str) -> bytes:
    """The logo as it was when the proposal was sent; b"" for none."""
    found = find_file(session, sha256)
    return found.content if found else b""


def _payment(payload: Mapping[str, Any], currency: str, language: str, *, for_rep: bool) -> str:
    """What was received for a paid invoice: credit or an older balance may be part of it."""
    total, paid = payload.get("invoice_minor"), payload.get("paid_minor")
    if total is None or paid is None:
        return ""
    how = "part" if paid < total else "more" if paid > total else "full"
    how = how if paid else "none"
    reader = "rep" if for_rep else "customer"
    return say(
        language,
        f"mail.payment.{reader}_{how}",
        paid=_sum(paid, currency, language),
        total=_sum(total, currency, language),
    )


def _address(company: Mapping[str, str] | None) -> str:
    """The company's address, a line each."""
    if company is None:
        return ""
    town = f"{company['postal_code']} {company['city']}".strip()
    parts = (company["street"], company["street2"], town, company["country"])
    return "\n".join(part for part in parts if part)


def _sum(minor: int | None, currency: str, language: str) -> str:
    """A sum in words; "" for none."""
    return "" if minor is None else format_money(Money(minor, currency), language)


def _customer_link(runtime: Runtime, proposal: Proposal) -> str:
    if not proposal.sealed_token:
        return ""
    token = runtime.sealer.open(proposal.tenant_id, "proposal_token", proposal.sealed_token)
    return f"{runtime.settings.public_url}/p/{token}"
