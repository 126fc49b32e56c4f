"""One refresh for everybody who needs the token in the same instant."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.accounts.clients import REFRESH_LEASE, hubspot_token
from app.accounts.connections import get_connection, open_secrets
from app.bell import Bell
from app.clock import Clock, wall_now
from app.errors import FailureKind, ProviderError
from app.runtime import Runtime
from sandbox.hubspot import tokens
from tests.db.racing import failures, together
from tests.factories import SEALER, make_connection, make_tenant

if TYPE_CHECKING:
    from app.db import Database
    from app.models import Connection, Tenant
    from app.settings import Settings
    from sandbox.server import Server

SCOPES = {"portal": "148111", "user": 7001, "scopes": ["oauth"]}


@pytest.fixture
def runtime(settings: Settings, database: Database) -> Runtime:
    return Runtime(settings, database, Clock(), SEALER, Bell(settings.redis_url))


@pytest.fixture
def tenant(database: Database) -> Tenant:
    return make_tenant(database)


@pytest.fixture
def issued(sandbox: Server) -> dict[str, Any]:
    """Tokens that the sandbox's HubSpot knows."""
    return tokens.issue(sandbox.world, dict(SCOPES))


def connect(
    database: Database, tenant: Tenant, issued: dict[str, Any], left: timedelta, **overrides: Any
) -> Connection:
    held = {name: issued[name] for name in ("access_token", "refresh_token")}
    expiry = {"expires_at": wall_now() + left}
    return make_connection(database, tenant, "hubspot", held, **expiry, **overrides)


def refreshes(sandbox: Server) -> int:
    arrived = sandbox.world.journal.entries("hubspot")
    return len([entry for entry in arrived if entry["path"].endswith("/oauth/2026-09/token")])


def test_fresh_token_is_used_as_it_is(
    database: Database, sandbox: Server, runtime: Runtime, tenant: Tenant, issued: dict[str, Any]
) -> None:
    connect(database, tenant, issued, timedelta(minutes=20))

    assert hubspot_token(runtime, tenant.id) == issued["access_token"]
    assert refreshes(sandbox) == 0


def test_twenty_threads_refresh_once(
    database: Database, sandbox: Server, runtime: Runtime, tenant: Tenant, issued: dict[str, Any]
) -> None:
    connect(database, tenant, issued, timedelta(minutes=2))

    results = together(database, *[lambda: hubspot_token(runtime, tenant.id)] * 20)

    assert failures(results) == []
    assert len(set(results)) == 1
    assert results[0] != issued["access_token"]
    assert refreshes(sandbox) == 1


def test_twenty_threads_that_were_turned_down_refresh_once(
    database: Database, sandbox: Server, runtime: Runtime, tenant: Tenant, issued: dict[str, Any]
) -> None:
    connect(database, tenant, issued, timedelta(minutes=20))
    refused = issued["access_token"]

    results = together(database, *[lambda: hubspot_token(runtime, tenant.id, refused=refused)] * 20)

    assert failures(results) == []
    assert len(set(results)) == 1
    assert refreshes(sandbox) == 1


def test_refreshed_tokens_are_kept_sealed(
    database: Database, sandbox: Server, runtime: Runtime, tenant: Tenant, issued: dict[str, Any]
) -> None:
    connect(database, tenant, issued, timedelta(0))

    token = hubspot_token(runtime, tenant.id)

    with database.reading(tenant.id) as session:
        connection = get_connection(session, "hubspot")
        held = open_secrets(SEALER, connection)
    assert refreshes(sandbox) == 1
    assert held["access_token"] == token
    assert held["refresh_token"] != issued["refresh_token"]
    assert token not in connection.sealed
    assert connection.expires_at is not None
    assert connection.expires_at - wall_now() > timedelta(minutes=25)
    assert connection.refresh_lease_until is None


def test_late_reader_of_an_old_token_does_not_refresh_again(
    database: Database, sandbox: Server, runtime: Runtime, tenant: Tenant, issued: dict[str, Any]
) -> None:
    connect(database, tenant, issued, timedelta(minutes=20))
    hubspot_token(runtime, tenant.id, refused=issued["access_token"])

    again = hubspot_token(runtime, tenant.id, refused=issued["access_token"])

    assert again != issued["access_token"]
    assert refreshes(sandbox) == 1


def test_refresher_that_died_is_replaced(
    database: Database, sandbox: Server, runtime: Runtime, tenant: Tenant, issued: dict[str, Any]
) -> None:
    lapsed = {"refresh_lease_until": wall_now() - timedelta(milliseconds=1)}
    connect(database, tenant, issued, timedelta(0), **lapsed)

    assert hubspot_token(runtime, tenant.id) != issued["access_token"]
    assert refreshes(sandbox) == 1
    assert timedelta(seconds=30) > REFRESH_LEASE


def test_refused_refresh_frees_the_lease(
    database: Database, sandbox: Server, runtime: Runtime, tenant: Tenant, issued: dict[str, Any]
) -> None:
    connect(database, tenant, {**issued, "refresh_token": "gone"}, timedelta(0))

    for _ in range(2):
        with pytest.raises(ProviderError) as caught:
            hubspot_token(runtime, tenant.id)
        assert caught.value.kind is FailureKind.AUTH

    with database.reading(tenant.id) as session:
        assert get_connection(session, "hubspot").refresh_lease_until is None
    assert refreshes(sandbox) == 2


@pytest.mark.usefixtures("database")
def test_account_without_a_connection_is_locked_out(runtime: Runtime, tenant: Tenant) -> None:
    with pytest.raises(ProviderError) as caught:
        hubspot_token(runtime, tenant.id)

    assert caught.value.kind is FailureKind.AUTH
