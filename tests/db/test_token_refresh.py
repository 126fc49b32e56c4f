"""One refresh for everybody who needs the token in the same instant."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from multiprocessing import get_context
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.accounts.connections import (
    begin_connection,
    connected,
    get_connection,
    open_secrets,
)
from app.accounts.refresh import REFRESH_LEASE, hubspot_token, keep_tokens
from app.bell import Bell
from app.clock import Clock, wall_now
from app.db import Database
from app.errors import FailureKind, ProviderError
from app.models import Connection, Message
from app.providers.hubspot import authorize
from app.runtime import Runtime
from app.settings import Secret, Settings
from sandbox.hubspot import tokens
from tests.db.racing import failures, together
from tests.factories import SEALER, make_connection, make_tenant
from tests.support.waiting import until

if TYPE_CHECKING:
    from datetime import datetime

    from app.models import Tenant
    from sandbox.server import Server

SCOPES = {"portal": "148111", "user": 7001, "scopes": sorted(authorize.SCOPES)}


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


def kinds(results: list[Any]) -> list[FailureKind]:
    """How each call failed that did."""
    return [error.kind for error in failures(results) if isinstance(error, ProviderError)]


def state(database: Database, tenant: Tenant) -> tuple[str, datetime | None]:
    """The connection's status, and until when its refresh is leased."""
    with database.reading(tenant.id) as session:
        connection = get_connection(session, "hubspot")
    return connection.status, connection.refresh_lease_until


def told(database: Database, tenant: Tenant) -> list[str]:
    with database.reading(tenant.id) as session:
        return list(session.scalars(select(Message.kind)))


def connect_again(runtime: Runtime, tenant: Tenant, access_token: str) -> None:
    """What a new grant writes."""
    with runtime.database.writing(tenant.id) as session:
        connection = begin_connection(session, "hubspot")
        keep_tokens(runtime, connection, access_token, "rt-new")
        connection.expires_at = wall_now() + timedelta(minutes=30)
        connection.refresh_lease_until = None
        connection.refreshed += 1
        connected(session, connection)


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


def test_refused_grant_is_asked_for_once_by_twenty_threads(
    database: Database, sandbox: Server, runtime: Runtime, tenant: Tenant, issued: dict[str, Any]
) -> None:
    connect(database, tenant, {**issued, "refresh_token": "gone"}, timedelta(0))

    results = together(database, *[lambda: hubspot_token(runtime, tenant.id)] * 20)
    later = together(database, lambda: hubspot_token(runtime, tenant.id))

    assert kinds([*results, *later]) == [FailureKind.AUTH] * 21
    assert refreshes(sandbox) == 1
    assert state(database, tenant) == ("reconnect_needed", None)
    assert told(database, tenant) == ["email.owner_reconnect"]


def in_its_own_process(environ: dict[str, str], tenant_id: int) -> str:
    """How a refresh ends in a worker of its own."""
    settings = Settings.from_env(environ)
    database = Database(settings.database_url)
    runtime = Runtime(settings, database, Clock(), SEALER, Bell(settings.redis_url))
    try:
        return hubspot_token(runtime, tenant_id)
    except ProviderError as error:
        return str(error.kind)


@pytest.mark.long
def test_grant_lost_by_several_processes_is_told_once(
    environ: dict[str, str],
    database: Database,
    sandbox: Server,
    tenant: Tenant,
    issued: dict[str, Any],
) -> None:
    connect(database, tenant, {**issued, "refresh_token": "gone"}, timedelta(0))

    with ProcessPoolExecutor(3, get_context("spawn")) as workers:
        ended = list(workers.map(in_its_own_process, [environ] * 3, [tenant.id] * 3))

    assert ended == [str(FailureKind.AUTH)] * 3
    assert refreshes(sandbox) == 1
    assert state(database, tenant)[0] == "reconnect_needed"
    assert told(database, tenant) == ["email.owner_reconnect"]


def test_grant_that_is_not_forgotten_is_asked_for_by_each(
    database: Database, sandbox: Server, runtime: Runtime, tenant: Tenant, issued: dict[str, Any]
) -> None:
    """The control: what keeps the others from asking is that nobody has it, and nothing else."""
    connect(database, tenant, {**issued, "refresh_token": "gone"}, timedelta(0))

    for asked in (1, 2, 3):
        results = together(database, *[lambda: hubspot_token(runtime, tenant.id)] * 4)
        with database.writing(tenant.id) as session:
            keep_tokens(runtime, get_connection(session, "hubspot"), "", "gone")

        assert kinds(results) == [FailureKind.AUTH] * 4
        assert refreshes(sandbox) == asked


def test_refresh_that_failed_for_now_is_tried_again_by_the_next(
    database: Database, sandbox: Server, runtime: Runtime, tenant: Tenant, issued: dict[str, Any]
) -> None:
    connect(database, tenant, issued, timedelta(0))
    sandbox.world.faults.arm(vendor="hubspot", path="/oauth/*", status=503)

    results = together(database, *[lambda: hubspot_token(runtime, tenant.id)] * 10)

    assert kinds(results) == [FailureKind.RETRYABLE]
    assert refreshes(sandbox) == 2
    assert state(database, tenant) == ("connected", None)
    assert told(database, tenant) == []


def test_our_own_wrong_secret_costs_nobody_the_grant(
    database: Database, runtime: Runtime, tenant: Tenant, issued: dict[str, Any]
) -> None:
    connect(database, tenant, issued, timedelta(0))
    mistaken = replace(runtime.settings, hubspot_client_secret=Secret("mistaken"))

    wrong = together(
        database, lambda: hubspot_token(replace(runtime, settings=mistaken), tenant.id)
    )

    assert kinds(wrong) == [FailureKind.CONFIGURATION]
    assert hubspot_token(runtime, tenant.id) != issued["access_token"]
    assert state(database, tenant) == ("connected", None)


def test_new_grant_outlives_the_refusal_of_the_old(
    database: Database, sandbox: Server, runtime: Runtime, tenant: Tenant, issued: dict[str, Any]
) -> None:
    """Somebody connects again while HubSpot is still refusing what we held before."""
    connect(database, tenant, {**issued, "refresh_token": "gone"}, timedelta(0))
    sandbox.world.faults.arm(vendor="hubspot", path="/oauth/*", delay=0.5)

    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(hubspot_token, runtime, tenant.id)
        until(lambda: state(database, tenant)[1] is not None)
        connect_again(runtime, tenant, issued["access_token"])

    assert waiting.result() == issued["access_token"]
    assert state(database, tenant) == ("connected", None)
    assert told(database, tenant) == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_row_of_a_new_grant_is_locked_while_it_is_written(
    database: Database, tenant: Tenant, issued: dict[str, Any]
) -> None:
    """Else the refusal of the old grant could slip in between, and its status would stay."""
    connect(database, tenant, issued, timedelta(0))

    with database.writing(tenant.id) as session:
        begin_connection(session, "hubspot")
        with pytest.raises(OperationalError), database.writing(tenant.id) as another:
            another.scalars(select(Connection).with_for_update(nowait=True)).one()


@pytest.mark.usefixtures("database")
def test_account_without_a_connection_is_locked_out(runtime: Runtime, tenant: Tenant) -> None:
    with pytest.raises(ProviderError) as caught:
        hubspot_token(runtime, tenant.id)

    assert caught.value.kind is FailureKind.AUTH
