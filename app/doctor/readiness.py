"""What each account must have chosen to sell, and the proof: a proposal that was paid."""

from collections.abc import Iterator

from sqlalchemy import exists, select

from app.addresses import is_address
from app.db import EVERY_TENANT
from app.doctor.check import Check, ok, wrong
from app.doctor.connections import served_tenants
from app.models import PaidInvoice, Preferences, Proposal, Tenant
from app.runtime import Runtime


def look_at_preferences(runtime: Runtime) -> Iterator[Check]:
    for tenant in served_tenants(runtime):
        for check in look_at_seller(runtime, tenant):
            yield check.of(str(tenant.hub_id))


def look_at_seller(runtime: Runtime, tenant: Tenant) -> Iterator[Check]:
    """Who sells, where answers go, by which methods one may pay."""
    with runtime.database.reading(tenant.id) as session:
        chosen = session.get(Preferences, tenant.id) or Preferences()
    named = bool((chosen.seller_name or "").strip() and (chosen.seller_address or "").strip())
    values = {"url": runtime.settings.public_url}
    yield _judged("preferences.seller", named, **values)
    yield _judged("preferences.reply_to", is_address(chosen.reply_to or ""), **values)
    yield _judged("preferences.methods", bool(chosen.methods), **values)


def look_at_first(runtime: Runtime) -> Iterator[Check]:
    """Somebody was sent a proposal and paid it: everything before worked together."""
    with runtime.database.reading(EVERY_TENANT) as session:
        sent = session.scalar(select(exists().where(Proposal.sent_at.is_not(None))))
        paid = session.scalar(select(exists().select_from(PaidInvoice)))
    yield _judged("first.sent", bool(sent))
    yield _judged("first.paid", bool(paid))


def _judged(name: str, well: bool, **values: object) -> Check:
    return ok(name, **values) if well else wrong(name, "missing", **values)
