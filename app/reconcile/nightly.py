"""Every night each tenant's books are reconciled, while nobody there works."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from app import messages
from app.accounts.channels import ask_tonight
from app.accounts.connections import find_connection
from app.accounts.preferences.chosen import chosen_zone
from app.claims.lanes import is_open
from app.db import Database, ScopedSession
from app.due import change_each
from app.models import Message, Tenant
from app.proposals.forget import forget_unsent

QUIET = time(3)
# Tenants of one time zone begin at different minutes.
SPREAD_MINUTES = 120
VENDORS = ("stripe", "hubspot")


def add_due_reconciliations(database: Database, now: datetime) -> None:
    """Ask for the reconciliations whose business time has come; the sweep calls this."""
    moment = Tenant.next_reconciliation_at
    due = select(Tenant.id, Tenant.id).where(or_(moment.is_(None), moment <= now))
    change_each(database, due, lambda session, _: _ask(session, now))


def next_quiet_moment(zone: ZoneInfo, tenant_id: int, now: datetime) -> datetime:
    """The next time it is about three in the night there."""
    local = now.astimezone(zone)
    tonight = datetime.combine(local.date(), QUIET, local.tzinfo)
    tonight += timedelta(minutes=tenant_id % SPREAD_MINUTES)
    return tonight if tonight > now else tonight + timedelta(days=1)


def _ask(session: ScopedSession, now: datetime) -> None:
    tenant = session.get_one(Tenant, session.scope, with_for_update=True)
    planned = tenant.next_reconciliation_at
    if planned and planned > now:
        return
    tenant.next_reconciliation_at = next_quiet_moment(chosen_zone(session), tenant.id, now)
    being_erased = tenant.erase_after is not None and tenant.erase_after <= now
    if planned and not being_erased:
        _ask_each(session, now)
        ask_tonight(session, now)
        forget_unsent(session, now)


def _ask_each(session: ScopedSession, now: datetime) -> None:
    for vendor in VENDORS:
        kind = f"{vendor}.reconcile"
        connection = find_connection(session, vendor)
        if connection and connection.sealed and not _is_asked(session, kind):
            messages.add(
                session, kind, now.isoformat(), subject=kind, payload={"at": now.isoformat()}
            )


def _is_asked(session: ScopedSession, kind: str) -> bool:
    """Whether an earlier one still waits, because the vendor refuses us: one is enough."""
    waiting = select(Message.id).where(is_open(), Message.kind == kind)
    return session.scalars(waiting.limit(1)).first() is not None
