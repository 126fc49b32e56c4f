"""A webhook becomes a message: once, at any rate, or an error that is told."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from sqlalchemy import make_url, select
from sqlalchemy.exc import DBAPIError

from app import messages
from app.clock import wall_now
from app.db import EVERY_TENANT, Database
from app.inbox import store_webhook
from app.models import Message
from tests.db.racing import failures, together
from tests.factories import make_tenant
from tests.support.environ import CLOSED

if TYPE_CHECKING:
    from app.models import Tenant

EVENT = {"id": "evt_1", "type": "invoice.paid", "data": {"object": {"id": "in_1", "a": "é % ' ?"}}}


@pytest.fixture
def tenant(database: Database) -> Tenant:
    return make_tenant(database)


def store(database: Database, tenant: Tenant, **overrides: Any) -> bool:
    values: dict[str, Any] = {
        "kind": "inbox.stripe",
        "dedupe_key": "stripe:acct_1:evt_1",
        "subject": "purchase:1",
        "event_json": json.dumps(EVENT),
        "ignored": None,
    }
    return store_webhook(database, tenant_id=tenant.id, **{**values, **overrides})


def rows(database: Database) -> list[Message]:
    with database.reading(EVERY_TENANT) as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def test_event_is_stored_as_a_due_message(database: Database, tenant: Tenant) -> None:
    store(database, tenant)

    [row] = rows(database)
    assert (row.kind, row.provider, row.status) == ("inbox.stripe", "stripe", "pending")
    assert (row.tenant_id, row.subject) == (tenant.id, "purchase:1")
    assert row.payload == {"event": EVENT}
    assert row.dedupe_key == row.operation_key == "stripe:acct_1:evt_1"
    assert timedelta(0) <= wall_now() - row.available_at < timedelta(seconds=30)


def test_stored_event_is_claimed_like_any_message(database: Database, tenant: Tenant) -> None:
    store(database, tenant)

    [found] = messages.claim(database, 1, wall_now() + timedelta(seconds=1))

    assert (found.payload["event"]["id"], found.attempt) == ("evt_1", 1)


def test_event_again_changes_nothing(database: Database, tenant: Tenant) -> None:
    first = store(database, tenant)
    again = store(database, tenant, event_json='{"another": 1}', ignored="now unwanted")

    assert (first, again) == (True, False)
    [row] = rows(database)
    assert (row.status, row.payload) == ("pending", {"event": EVENT})


def test_event_at_once_is_stored_once(database: Database, tenant: Tenant) -> None:
    results = together(database, *[lambda: store(database, tenant)] * 6)

    assert failures(results) == []
    assert len(rows(database)) == 1


def test_unwanted_event_is_kept_with_its_reason(database: Database, tenant: Tenant) -> None:
    store(database, tenant, ignored="wrong mode", subject=None)

    [row] = rows(database)
    assert (row.status, row.last_error, row.subject) == ("ignored", "wrong mode", None)
    assert row.finished_at is not None
    assert messages.claim(database, 1, wall_now() + timedelta(days=1)) == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_dropped_connections_cost_a_second_try(
    database: Database, database_url: str, tenant: Tenant
) -> None:
    together(database, *[lambda: store(database, tenant, dedupe_key="warm")] * 4)

    drop_connections(database_url)
    store(database, tenant)

    stored = rows(Database(database_url))
    assert [row.dedupe_key for row in stored] == ["warm", "stripe:acct_1:evt_1"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_dropped_idle_connections_cost_no_read(database_url: str) -> None:
    database = Database(database_url, trusted_seconds=0)
    together(database, *[lambda: make_tenant(database)] * 4)

    drop_connections(database_url)

    for _ in range(4):
        assert rows(database) == []
    database.engine.dispose()


def drop_connections(url: str) -> None:
    """End every connection that idles in this database, as a server's restart does."""
    where = make_url(url)
    with psycopg.connect(
        host=where.host, port=where.port, user=where.username, dbname="postgres", autocommit=True
    ) as server:
        server.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
            (where.database,),
        )


def test_event_that_is_not_stored_is_an_error() -> None:
    away = Database(CLOSED["DATABASE_URL"])

    with pytest.raises(DBAPIError):
        store_webhook(
            away,
            tenant_id=1,
            kind="inbox.stripe",
            dedupe_key="x",
            subject=None,
            event_json="{}",
            ignored=None,
        )


def test_refused_row_is_an_error_and_not_a_duplicate(database: Database, tenant: Tenant) -> None:
    unknown = tenant
    unknown.id += 1000

    with pytest.raises(DBAPIError):
        store(database, unknown)
