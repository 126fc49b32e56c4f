"""How long a tenant's data stays after HubSpot is gone: noted, announced a month ahead, erased."""

from datetime import datetime, timedelta

from sqlalchemy import select

from app import messages
from app.accounts.connections import DISCONNECTED, LEAVING, find_connection
from app.accounts.erasure import erase_tenant
from app.accounts.preferences.chosen import chosen_zone
from app.db import EVERY_TENANT, Database, ScopedSession
from app.due import change_each
from app.logs import get_logger
from app.models import Connection, Preferences, Tenant

NOTICE = timedelta(days=30)
# Long before a message that waits for a reconnect would become a dead letter.
GIVEN_UP = timedelta(days=20)
GONE = ("reconnect_needed", LEAVING, DISCONNECTED)

log = get_logger(__name__)


def follow_departures(database: Database, now: datetime) -> None:
    """Note who left, announce what will be erased, erase what was announced; the sweep calls this.

    `now` is business time, and so are the dates on the tenant.
    """
    gone = (Connection.provider == "hubspot", Connection.status.in_(GONE))
    departed = select(Tenant.id, Tenant.id).join(Connection, Connection.tenant_id == Tenant.id)
    departed = departed.where(*gone, Tenant.left_at.is_(None))
    change_each(database, departed, lambda session, _: _note(session, now))
    soon = Tenant.erase_after <= now + NOTICE
    to_warn = select(Tenant.id, Tenant.id).where(soon, Tenant.warned_at.is_(None))
    change_each(database, to_warn, lambda session, _: _announce(session, now))
    _erase_due(database, now)


def wants_no_more(session: ScopedSession, now: datetime) -> bool:
    """Whether HubSpot is to hear nothing more of this tenant, or has refused it for weeks."""
    connection = find_connection(session, "hubspot")
    if connection is not None and connection.status in (LEAVING, DISCONNECTED):
        return True
    left_at = session.get_one(Tenant, session.scope).left_at
    return left_at is not None and now - left_at > GIVEN_UP


def come_back(tenant: Tenant) -> None:
    """It installed us again: nothing will be erased."""
    tenant.left_at = tenant.erase_after = tenant.warned_at = tenant.erased_at = None


def _note(session: ScopedSession, now: datetime) -> None:
    tenant = session.get_one(Tenant, session.scope, with_for_update=True)
    connection = find_connection(session, "hubspot")
    if tenant.left_at is None and connection and connection.status in GONE:
        kept = timedelta(days=session.get_one(Preferences, tenant.id).retention_days)
        tenant.left_at, tenant.erase_after = now, now + kept


def _announce(session: ScopedSession, now: datetime) -> None:
    """Nothing is erased before this was said for a month, however late it is said."""
    tenant = session.get_one(Tenant, session.scope, with_for_update=True)
    if tenant.warned_at or tenant.left_at is None or tenant.erase_after is None:
        return
    tenant.warned_at, tenant.erase_after = now, max(tenant.erase_after, now + NOTICE)
    day = tenant.erase_after.astimezone(chosen_zone(session)).date().isoformat()
    fact = tenant.left_at.isoformat()
    messages.add(session, "email.owner_erasure", fact, payload={"erase_on": day})


def _erase_due(database: Database, now: datetime) -> None:
    due = (Tenant.erase_after <= now, Tenant.warned_at.is_not(None), Tenant.erased_at.is_(None))
    with database.reading(EVERY_TENANT) as session:
        tenant_ids = session.scalars(select(Tenant.id).where(*due)).all()
    for tenant_id in tenant_ids:
        try:
            erase_tenant(database, tenant_id, now)
        except Exception:
            log.exception("not erased; the next sweep tries again", tenant=tenant_id)
