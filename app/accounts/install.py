"""The install by a HubSpot account: the one-time state, the tenant, its first messages."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select

from app import messages
from app.accounts.connections import DISCONNECTED, LEAVING, begin_connection, connected
from app.accounts.refresh import keep_tokens
from app.accounts.retention import come_back
from app.accounts.roles import become_owner
from app.accounts.scopes import keep_scopes
from app.accounts.stages import STAGES
from app.audit import Who, audit
from app.clock import wall_now
from app.db import EVERY_TENANT, ScopedSession
from app.models import InstallState, Preferences, Tenant
from app.runtime import Runtime
from app.tokens import new_token, token_hash

STATE_LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Grant:
    """What HubSpot granted (`expires_in` in seconds), facts of the account, the installer."""

    hub_id: int
    access_token: str
    refresh_token: str
    expires_in: int
    currency: str
    time_zone: str
    test_account: bool
    user_id: int
    user_email: str
    scopes: tuple[str, ...]


def begin_install(session: ScopedSession, browser: str, prefix: str = "") -> str:
    """Make a `state` that only this browser can bring back, once, within ten minutes."""
    state, now = prefix + new_token(), wall_now()
    session.execute(delete(InstallState).where(InstallState.expires_at < now))
    session.add(
        InstallState(
            state_hash=token_hash(state),
            browser_hash=token_hash(browser),
            expires_at=now + STATE_LIFE,
        )
    )
    return state


def take_state(session: ScopedSession, state: str, browser: str) -> bool:
    """Take the one-time state; False if it is unknown, old, used, or another browser's."""
    row = session.get(InstallState, token_hash(state), with_for_update=True)
    if row is None:
        return False
    session.delete(row)
    return row.browser_hash == token_hash(browser) and row.expires_at > wall_now()


def install_tenant(runtime: Runtime, grant: Grant, address: str = "") -> int:
    """Store the tokens for the tenant of this `hub_id`; have the deal properties created.

    The installer, whose browser is at this network `address`, is an owner from now on.
    """
    with runtime.database.writing(EVERY_TENANT) as session:
        tenant = session.scalars(select(Tenant).where(Tenant.hub_id == grant.hub_id)).first()
        if tenant is None:
            tenant = Tenant(hub_id=grant.hub_id, installed_at=wall_now())
            session.add(tenant)
        tenant.currency, tenant.time_zone = grant.currency, grant.time_zone
        tenant.test_account = grant.test_account
        come_back(tenant)
        session.flush()
        tenant_id = tenant.id
    with runtime.database.writing(tenant_id) as session:
        _keep_grant(runtime, session, grant)
        who = Who.person(grant.user_id, grant.user_email, address)
        audit(session, who, "hubspot.installed", after={"portal": grant.hub_id})
        become_owner(session, grant.user_id, grant.user_email, who)
    return tenant_id


def _keep_grant(runtime: Runtime, session: ScopedSession, grant: Grant) -> None:
    connection = begin_connection(session, "hubspot")
    came_back = connection.status in ("reconnect_needed", LEAVING, DISCONNECTED)
    keep_tokens(runtime, connection, grant.access_token, grant.refresh_token)
    connection.account_id = str(grant.hub_id)
    connection.expires_at = wall_now() + timedelta(seconds=grant.expires_in)
    connection.refresh_lease_until = None
    connection.refreshed += 1
    keep_scopes(session, connection, grant.scopes)
    connected(session, connection)
    if session.get(Preferences, session.scope) is None:
        session.add(Preferences())
    grant_number = f"{connection.id}:{connection.refreshed}"
    messages.add(session, "hubspot.create_properties", grant_number, payload={})
    STAGES.ask(session, grant_number)
    if came_back:
        # What was not pushed meanwhile is found by comparing, a page of deals at a time.
        now = runtime.clock.now().isoformat()
        kind = "hubspot.reconcile"
        messages.add(session, kind, grant_number, subject=kind, payload={"at": now})
