"""What stands in our tables before Stripe hears of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.billing.mirrors import Mirror, keep_mirror, mirror
from app.billing.steps import KEY_LIFE, begin_again, begin_step, end_step, is_stale
from app.models import Purchase, Step, StripeMirror
from app.proposals.preflight import preflight
from app.proposals.reading import keep_snapshot
from tests.db.racing import failures, together
from tests.factories import make_proposal, make_purchase, make_tenant
from tests.values import make_facts, make_snapshot

if TYPE_CHECKING:
    from app.db import Database
    from app.models import Tenant

GIVEN = {"payment_method": "pm_1", "off_session": False}


@pytest.fixture
def tenant(database: Database) -> Tenant:
    return make_tenant(database)


@pytest.fixture
def purchase(database: Database, tenant: Tenant) -> Purchase:
    return make_purchase(database, make_proposal(database, tenant))


def begin(database: Database, purchase: Purchase, name: str = "invoice", **given: object) -> Step:
    return begin_step(database, purchase, name, {**GIVEN, **given})


def test_step_is_stored_with_its_key_and_figures(database: Database, purchase: Purchase) -> None:
    begin(database, purchase)

    with database.reading(purchase.tenant_id) as session:
        row = session.scalars(select(Step)).one()
    assert row.operation_key == f"purchase:{purchase.id}:1:invoice:1"
    assert (row.given, row.done_at, row.object_id) == (GIVEN, None, "")


def test_step_begun_before_keeps_its_first_figures(database: Database, purchase: Purchase) -> None:
    first = begin(database, purchase)

    again = begin(database, purchase, payment_method="pm_2", off_session=True)

    assert (again.id, again.operation_key) == (first.id, first.operation_key)
    assert again.given == GIVEN


def test_ended_step_says_what_it_made(database: Database, purchase: Purchase) -> None:
    end_step(database, begin(database, purchase), "in_1")

    again = begin(database, purchase)

    assert again.object_id == "in_1"
    assert again.done_at is not None


def test_step_grows_stale_until_it_is_done(database: Database, purchase: Purchase) -> None:
    step = begin(database, purchase)
    later = step.begun_at + KEY_LIFE + timedelta(seconds=1)

    assert not is_stale(step, step.begun_at + KEY_LIFE)
    assert is_stale(step, later)
    assert not is_stale(end_step(database, step, "in_1"), later)


def test_step_that_came_to_nothing_begins_again_with_another_key(
    database: Database, purchase: Purchase
) -> None:
    first = begin(database, purchase)

    again = begin_again(database, first, {"payment_method": "pm_2", "off_session": True})

    assert again.operation_key == f"purchase:{purchase.id}:1:invoice:2"
    assert begin(database, purchase).given["payment_method"] == "pm_2"


def test_steps_of_other_names_and_purchases_are_their_own(
    database: Database, tenant: Tenant, purchase: Purchase
) -> None:
    other = make_purchase(database, make_proposal(database, tenant))

    keys = {
        begin(database, who, name).operation_key
        for who in (purchase, other)
        for name in ("invoice", "lines", "pay:pm_1")
    }

    assert len(keys) == 6


def test_step_begun_twice_at_once_is_one(database: Database, purchase: Purchase) -> None:
    results = together(database, *[lambda: begin(database, purchase)] * 4)

    assert failures(results) == []
    assert len({step.id for step in results}) == 1


def reflect(database: Database, tenant: Tenant, key: str = "name:Poste") -> Mirror:
    return mirror(database, tenant.id, "acct_1", "product", key)


def test_mirror_is_made_once_and_kept(database: Database, tenant: Tenant) -> None:
    made = reflect(database, tenant)
    keep_mirror(database, tenant.id, made, "prod_1")

    again = reflect(database, tenant)

    assert (made.stripe_id, again.stripe_id) == ("", "prod_1")
    assert again.operation_key == made.operation_key == f"product:{made.id}:1"


def test_mirror_keeps_what_it_was_first_made_with(database: Database, tenant: Tenant) -> None:
    names = [
        mirror(database, tenant.id, "acct_1", "product", "product:1", given={"name": name}).given
        for name in ("Poste", "Poste dédié")
    ]

    assert names == [{"name": "Poste"}, {"name": "Poste"}]


def test_mirrors_belong_to_account_kind_and_tenant(database: Database, tenant: Tenant) -> None:
    other = make_tenant(database)
    places = [
        (tenant.id, "acct_1", "product"),
        (tenant.id, "acct_2", "product"),
        (tenant.id, "acct_1", "customer"),
        (other.id, "acct_1", "product"),
    ]

    found = [mirror(database, who, account, kind, "name:Poste") for who, account, kind in places]

    assert len({made.id for made in found}) == 4


def test_customers_credit_is_remembered(database: Database, tenant: Tenant) -> None:
    made = reflect(database, tenant)

    for credit in (True, False):
        keep_mirror(database, tenant.id, made, "cus_1", has_credit=credit)
        with database.reading(tenant.id) as session:
            assert session.scalars(select(StripeMirror.has_credit)).one() is credit


def test_mirror_asked_for_at_once_is_one(database: Database, tenant: Tenant) -> None:
    results = together(database, *[lambda: reflect(database, tenant)] * 4)

    assert failures(results) == []
    assert len({made.operation_key for made in results}) == 1


def test_two_cards_that_read_a_new_deal_at_once_keep_one(
    database: Database, tenant: Tenant
) -> None:
    """The tab and the sidebar are loaded in the same instant."""
    deal = make_snapshot()
    checked = preflight(deal, make_facts())

    def keep() -> int:
        with database.writing(tenant.id) as session:
            return keep_snapshot(session, deal, checked).id

    results = together(database, keep, keep, keep)

    assert failures(results) == []
    assert len(set(results)) == 1
