"""Reads a deal with everything that belongs to it, and stores what was read."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.accounts.clients import ask_hubspot
from app.accounts.connections import find_connection
from app.accounts.preferences.chosen import chosen_currency
from app.billing.mirrors import buyer_key
from app.clock import wall_now
from app.db import ScopedSession, find_or_add
from app.errors import ProviderError
from app.models import (
    Connection,
    Deal,
    PortalOwner,
    PortalTaxRate,
    Preferences,
    StripeMirror,
    Tenant,
)
from app.proposals.preflight import Facts, Preflight, preflight
from app.proposals.request import find_deal
from app.runtime import Runtime
from app.snapshot import DealSnapshot, Owner, TaxRate

CACHE_LIFE = timedelta(days=1)


def read_deal(runtime: Runtime, tenant_id: int, hubspot_deal_id: str) -> DealSnapshot:
    """Read the deal from HubSpot: at most four reads, five with several contacts.

    Owner and tax rates are read with it when ours are a day old. Raises `ProviderError`, with
    code `not_found` for a deal that is deleted or never was.
    """
    deal = ask_hubspot(runtime, tenant_id, lambda crm: crm.read_deal(hubspot_deal_id))
    if any(line.tax_rate_id for line in deal.lines):
        _refresh_tax_rates(runtime, tenant_id)
    if deal.owner_id:
        _refresh_owner(runtime, tenant_id, deal.owner_id)
    return deal


def check_deal(session: ScopedSession, runtime: Runtime, deal: DealSnapshot) -> Preflight:
    """The pre-flight with the facts of our own tables."""
    return preflight(deal, _facts(session, runtime, deal))


def keep_snapshot(session: ScopedSession, deal: DealSnapshot, checked: Preflight) -> Deal:
    """Store what was read under our own row of the deal."""
    new = Deal(hubspot_deal_id=deal.id)
    row = find_or_add(session, lambda: find_deal(session, deal.id), new)
    row.snapshot, row.pipeline_id = deal.as_json(), deal.pipeline_id
    row.snapshot_at = wall_now()
    row.snapshot_clean = not checked.problems
    session.flush()
    return row


def find_owner(session: ScopedSession, owner_id: str) -> Owner | None:
    row = session.scalars(
        select(PortalOwner).where(PortalOwner.hubspot_owner_id == owner_id)
    ).first()
    return Owner(row.hubspot_owner_id, row.email, row.name) if row else None


def _facts(session: ScopedSession, runtime: Runtime, deal: DealSnapshot) -> Facts:
    tenant = session.get_one(Tenant, session.scope)
    preferences = session.get_one(Preferences, session.scope)
    stripe = find_connection(session, "stripe")
    settings = runtime.settings
    return Facts(
        stripe_connected=stripe is not None and stripe.status == "connected",
        mail_ready=bool(settings.smtp_url and settings.mail_from),
        seller_named=bool(preferences.seller_name.strip()),
        modes_agree=stripe is None or stripe.livemode != tenant.test_account,
        portal_currency=chosen_currency(session),
        billing_label=preferences.billing_label,
        tax_rates=_tax_rates(session),
        customer_credit=_has_credit(session, stripe, deal),
    )


def _tax_rates(session: ScopedSession) -> dict[str, TaxRate]:
    rows = session.scalars(select(PortalTaxRate))
    rates = (TaxRate(r.hubspot_tax_rate_id, r.label, r.percentage, r.active) for r in rows)
    return {rate.id: rate for rate in rates}


def _has_credit(session: ScopedSession, stripe: Connection | None, deal: DealSnapshot) -> bool:
    company = deal.company
    keys = [buyer_key(company.id if company else None, contact.id) for contact in deal.contacts]
    known = select(StripeMirror.id).where(
        StripeMirror.kind == "customer",
        StripeMirror.our_key.in_(keys),
        StripeMirror.stripe_account_id == (stripe.account_id if stripe else ""),
        StripeMirror.has_credit,
    )
    return session.scalars(known).first() is not None


def _refresh_tax_rates(runtime: Runtime, tenant_id: int) -> None:
    newest = select(PortalTaxRate.read_at).order_by(PortalTaxRate.read_at.desc()).limit(1)
    with runtime.database.reading(tenant_id) as session:
        read_at = session.scalars(newest).first()
    if read_at and wall_now() - read_at < CACHE_LIFE:
        return
    rates = ask_hubspot(runtime, tenant_id, lambda crm: crm.read_tax_rates())
    _store(runtime, tenant_id, lambda session: _store_rates(session, rates))


def _store_rates(session: ScopedSession, rates: list[TaxRate]) -> None:
    for rate in rates:
        _store_rate(session, rate)


def _store_rate(session: ScopedSession, rate: TaxRate) -> None:
    same = select(PortalTaxRate).where(PortalTaxRate.hubspot_tax_rate_id == rate.id)
    row = session.scalars(same).first()
    if row is None:
        row = PortalTaxRate(hubspot_tax_rate_id=rate.id)
        session.add(row)
    row.label, row.percentage, row.active = rate.label, rate.percentage, rate.active
    row.read_at = wall_now()


def _refresh_owner(runtime: Runtime, tenant_id: int, owner_id: str) -> None:
    known = select(PortalOwner.read_at).where(PortalOwner.hubspot_owner_id == owner_id)
    with runtime.database.reading(tenant_id) as session:
        read_at = session.scalars(known).first()
    if read_at and wall_now() - read_at < CACHE_LIFE:
        return
    try:
        owner = ask_hubspot(runtime, tenant_id, lambda crm: crm.read_owner(owner_id))
    except ProviderError as error:
        if error.code == "not_found":
            return  # the owner left the portal; then the rep is whoever clicks
        raise
    _store(runtime, tenant_id, lambda session: _store_owner(session, owner))


def _store_owner(session: ScopedSession, owner: Owner) -> None:
    known = select(PortalOwner).where(PortalOwner.hubspot_owner_id == owner.id)
    row = session.scalars(known).first()
    if row is None:
        row = PortalOwner(hubspot_owner_id=owner.id)
        session.add(row)
    row.email, row.name, row.read_at = owner.email, owner.name, wall_now()


def _store(runtime: Runtime, tenant_id: int, store: Callable[[ScopedSession], object]) -> None:
    """Write a cache; if another process wrote the same row meanwhile, keep that one."""
    try:
        with runtime.database.writing(tenant_id) as session:
            store(session)
    except IntegrityError:
        return
