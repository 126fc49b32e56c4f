"""Drafts that were never sent go when they are as old as the tenant keeps data."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.clock import wall_now
from app.models import Proposal, ProposalRequest
from app.reconcile.nightly import add_due_reconciliations
from tests.factories import make_proposal, make_tenant

if TYPE_CHECKING:
    from app.db import Database
    from app.models import Tenant


@pytest.fixture
def tenant(database: Database) -> Tenant:
    return make_tenant(database, preferences={"retention_days": 30})


def made(database: Database, tenant: Tenant, days_ago: float, **values: Any) -> Proposal:
    created_at = wall_now() - timedelta(days=days_ago)
    return make_proposal(database, tenant, **{"status": "refused", **values}, created_at=created_at)


def night(database: Database) -> None:
    now = wall_now()
    add_due_reconciliations(database, now - timedelta(days=1))
    add_due_reconciliations(database, now)


def left(database: Database, tenant: Tenant) -> list[int]:
    with database.reading(tenant.id) as session:
        requests = session.scalars(select(ProposalRequest.id)).all()
        rows = session.execute(select(Proposal.id, Proposal.request_id)).all()
    assert sorted(requests) == sorted(row.request_id for row in rows)
    return sorted(row.id for row in rows)


def test_old_unsent_draft_goes_with_its_click(database: Database, tenant: Tenant) -> None:
    made(database, tenant, 31)
    young = made(database, tenant, 29)

    night(database)

    assert left(database, tenant) == [young.id]


@pytest.mark.parametrize("status", ["draft", "sent", "accepted", "declined", "expired"])
def test_any_other_proposal_stays(database: Database, tenant: Tenant, status: str) -> None:
    old = made(database, tenant, 400, status=status)
    last = made(database, tenant, 0)

    night(database)

    assert left(database, tenant) == [old.id, last.id]


def test_last_number_of_a_year_stays_taken(database: Database, tenant: Tenant) -> None:
    last = made(database, tenant, 400, year=2024, sequence=7)
    made(database, tenant, 400, year=2024, sequence=6)
    newest = made(database, tenant, 0, year=2025, sequence=8)

    night(database)

    assert left(database, tenant) == [last.id, newest.id]


def test_no_other_tenants_numbers_count(database: Database, tenant: Tenant) -> None:
    last = made(database, tenant, 31, year=2024, sequence=6)
    other = make_tenant(database)
    theirs = made(database, other, 31, year=2024, sequence=7)
    made(database, other, 31, year=2024, sequence=8)

    night(database)

    assert left(database, tenant) == [last.id]
    assert theirs.id in left(database, other)
