"""What stands in our tables before Stripe hears of it, and that it hears of it once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.billing.mirrors import (
    MirrorKey,
    find_mirror,
    forget_mirror,
    keep_mirror,
    mirrored,
    product_key,
)
from app.billing.steps import KEY_LIFE, Outcome, once
from app.clock import wall_now
from app.errors import FailureKind, ProviderError
from app.models import Operation, Purchase, Step, StripeMirror
from app.proposals.preflight import preflight
from app.proposals.reading import keep_snapshot
from tests.db.racing import failures, together
from tests.factories import make_proposal, make_purchase, make_tenant
from tests.values import make_facts, make_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.db import Database
    from app.models import Tenant

GIVEN = {"payment_method": "pm_1", "off_session": False}
SILENCE = ProviderError("stripe", FailureKind.UNKNOWN_OUTCOME, "No answer.")
OVER = ProviderError("stripe", FailureKind.UNKNOWN_OUTCOME, "Error 500, repeated.", over=True)
REFUSAL = ProviderError("stripe", FailureKind.PERMANENT, "No such customer.")


@dataclass(frozen=True)
class Thing:
    id: str


@dataclass
class Vendor:
    """Makes things, or fails, and counts: `keys` that arrived, with their figures; `looks`."""

    found: Thing | None = None
    failure: ProviderError | None = None
    keys: list[str] = field(default_factory=list)
    figures: list[dict[str, object]] = field(default_factory=list)
    looks: int = 0

    def make(self, operation: Operation) -> Thing:
        self.keys.append(operation.operation_key)
        self.figures.append(operation.given)
        if self.failure:
            raise self.failure
        return Thing("in_1")

    def look(self) -> Thing | None:
        self.looks += 1
        return self.found


@pytest.fixture
def tenant(database: Database) -> Tenant:
    return make_tenant(database)


@pytest.fixture
def purchase(database: Database, tenant: Tenant) -> Purchase:
    return make_purchase(database, make_proposal(database, tenant))


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


def do(
    database: Database, purchase: Purchase, vendor: Vendor, name: str = "invoice", **given: object
) -> Outcome[Thing]:
    figures = {**GIVEN, **given}
    return once(database, purchase, name, figures, look=vendor.look, make=vendor.make)


def lose(
    database: Database, purchase: Purchase, vendor: Vendor, failure: ProviderError = SILENCE
) -> None:
    """A call whose answer never came, or was a refusal."""
    vendor.failure = failure
    with pytest.raises(ProviderError):
        do(database, purchase, vendor)
    vendor.failure = None


def let_pass(database: Database, purchase: Purchase, time: timedelta) -> None:
    with database.writing(purchase.tenant_id) as session:
        for step in session.scalars(select(Step)):
            step.begun_at -= time


def stored(database: Database, purchase: Purchase) -> Step:
    with database.reading(purchase.tenant_id) as session:
        return session.scalars(select(Step)).one()


def test_operation_is_stored_before_the_call(
    database: Database, purchase: Purchase, vendor: Vendor
) -> None:
    lose(database, purchase, vendor)

    row = stored(database, purchase)
    assert vendor.keys == [row.operation_key] == [f"purchase:{purchase.id}:1:invoice:1"]
    assert (row.generation, row.name, row.state) == (1, "invoice", "begun")
    assert (row.given, row.done_at, row.object_id, row.tries) == (GIVEN, None, "", 1)


def test_done_operation_says_what_it_made(
    database: Database, purchase: Purchase, vendor: Vendor
) -> None:
    first = do(database, purchase, vendor)
    again = do(database, purchase, vendor)

    row = stored(database, purchase)
    assert (first.object_id, first.answer) == ("in_1", Thing("in_1"))
    assert (again.object_id, again.answer) == ("in_1", None)
    assert (row.state, row.object_id) == ("done", "in_1")
    assert row.done_at is not None
    assert len(vendor.keys) == 1
    assert vendor.looks == 0


def test_lost_answer_is_asked_for_with_the_same_key_and_figures(
    database: Database, purchase: Purchase, vendor: Vendor
) -> None:
    lose(database, purchase, vendor)

    do(database, purchase, vendor, off_session=True)

    assert len(set(vendor.keys)) == 1
    assert vendor.figures == [GIVEN, GIVEN]
    assert vendor.looks == 0


def test_old_key_is_not_sent_before_a_look(
    database: Database, purchase: Purchase, vendor: Vendor
) -> None:
    lose(database, purchase, vendor)
    let_pass(database, purchase, KEY_LIFE + timedelta(seconds=1))
    vendor.found = Thing("in_found")

    outcome = do(database, purchase, vendor)

    assert (outcome.object_id, outcome.answer) == ("in_found", vendor.found)
    assert stored(database, purchase).object_id == "in_found"
    assert (len(vendor.keys), vendor.looks) == (1, 1)


def test_what_came_to_nothing_gets_another_key(
    database: Database, purchase: Purchase, vendor: Vendor
) -> None:
    lose(database, purchase, vendor)
    let_pass(database, purchase, KEY_LIFE + timedelta(seconds=1))

    do(database, purchase, vendor, off_session=True)

    key = f"purchase:{purchase.id}:1:invoice"
    assert vendor.keys == [f"{key}:1", f"{key}:2"]
    assert vendor.figures[1]["off_session"] is True
    assert stored(database, purchase).tries == 2


def test_other_method_waits_while_the_first_may_be_under_way(
    database: Database, purchase: Purchase, vendor: Vendor
) -> None:
    lose(database, purchase, vendor)
    let_pass(database, purchase, 2 * KEY_LIFE - timedelta(seconds=5))

    with pytest.raises(ProviderError) as waits:
        do(database, purchase, vendor, payment_method="pm_2")

    assert waits.value.kind is FailureKind.RETRYABLE
    assert (len(vendor.keys), vendor.looks) == (1, 0)


def test_other_method_looks_before_it_takes_a_key(
    database: Database, purchase: Purchase, vendor: Vendor
) -> None:
    lose(database, purchase, vendor)
    let_pass(database, purchase, 2 * KEY_LIFE + timedelta(seconds=5))

    do(database, purchase, vendor, payment_method="pm_2")

    assert (len(set(vendor.keys)), vendor.looks) == (2, 1)
    assert stored(database, purchase).given["payment_method"] == "pm_2"


def test_refused_operation_is_free_for_another_key_at_once(
    database: Database, purchase: Purchase, vendor: Vendor
) -> None:
    lose(database, purchase, vendor, REFUSAL)
    assert (stored(database, purchase).state, vendor.looks) == ("undone", 0)

    do(database, purchase, vendor, payment_method="pm_2")

    assert (len(set(vendor.keys)), vendor.looks) == (2, 1)
    assert stored(database, purchase).state == "done"


def test_error_that_stripe_repeats_ends_the_key_at_once(
    database: Database, purchase: Purchase
) -> None:
    class Repeating(Vendor):
        def make(self, operation: Operation) -> Thing:
            self.failure = OVER if operation.operation_key in self.keys else self.failure
            self.failure = None if self.looks else self.failure
            return super().make(operation)

    vendor = Repeating()
    lose(database, purchase, vendor)

    do(database, purchase, vendor)

    assert (len(vendor.keys), len(set(vendor.keys)), vendor.looks) == (3, 2, 1)
    assert stored(database, purchase).state == "done"


def test_refusal_of_what_follows_the_call_is_looked_into(
    database: Database, purchase: Purchase, vendor: Vendor
) -> None:
    """The subscription was made, and reading its invoice was refused."""
    lose(database, purchase, vendor, REFUSAL)
    vendor.found = Thing("in_found")

    assert do(database, purchase, vendor).object_id == "in_found"
    assert len(vendor.keys) == 1


def test_refusal_after_a_lost_answer_is_no_proof(
    database: Database, purchase: Purchase, vendor: Vendor
) -> None:
    lose(database, purchase, vendor)
    lose(database, purchase, vendor, REFUSAL)
    let_pass(database, purchase, KEY_LIFE + timedelta(seconds=1))
    vendor.found = Thing("in_found")

    assert do(database, purchase, vendor).object_id == "in_found"


def test_other_names_generations_and_purchases_are_other_steps(
    database: Database, tenant: Tenant, purchase: Purchase, vendor: Vendor
) -> None:
    other = make_purchase(database, make_proposal(database, tenant))

    for who in (purchase, other):
        for name in ("invoice", "lines", "pay:pm_1"):
            do(database, who, vendor, name)
    purchase.generation = 2
    do(database, purchase, vendor)

    assert len(set(vendor.keys)) == 7


def test_operation_asked_for_at_once_has_one_key(
    database: Database, purchase: Purchase, vendor: Vendor
) -> None:
    results = together(database, *[lambda: do(database, purchase, vendor)] * 4)

    assert failures(results) == []
    assert len(set(vendor.keys)) == 1


def test_old_operation_asked_for_at_once_gets_one_new_key(
    database: Database, purchase: Purchase, vendor: Vendor
) -> None:
    lose(database, purchase, vendor)
    let_pass(database, purchase, KEY_LIFE + timedelta(seconds=1))
    vendor.keys.clear()

    results = together(database, *[lambda: do(database, purchase, vendor)] * 4)

    assert failures(results) == []
    assert set(vendor.keys) == {f"purchase:{purchase.id}:1:invoice:2"}


def product(tenant: Tenant, our_key: str = "product:1", account: str = "acct_1") -> MirrorKey:
    return MirrorKey(tenant.id, account, "product", our_key)


def reflect(database: Database, key: MirrorKey, vendor: Vendor, **given: object) -> str:
    return mirrored(database, key, given, look=lambda _: None, make=lambda new: vendor.make(new).id)


def test_mirror_is_made_once_and_kept(database: Database, tenant: Tenant, vendor: Vendor) -> None:
    ids = [reflect(database, product(tenant), vendor) for _ in range(2)]

    row = find_mirror(database, product(tenant))
    assert ids == ["in_1", "in_1"]
    assert row is not None
    assert vendor.keys == [row.operation_key] == [f"product:{row.id}:1"]
    assert (row.state, row.object_id) == ("done", "in_1")


def test_mirror_of_a_lost_answer_is_made_with_its_first_figures(
    database: Database, tenant: Tenant, vendor: Vendor
) -> None:
    vendor.failure = SILENCE
    with pytest.raises(ProviderError):
        reflect(database, product(tenant), vendor, name="Poste")
    vendor.failure = None

    reflect(database, product(tenant), vendor, name="Poste dédié")

    assert vendor.figures == [{"name": "Poste"}, {"name": "Poste"}]
    assert len(set(vendor.keys)) == 1


def test_old_mirror_is_looked_for(database: Database, tenant: Tenant, vendor: Vendor) -> None:
    vendor.failure = SILENCE
    with pytest.raises(ProviderError):
        reflect(database, product(tenant), vendor)
    with database.writing(tenant.id) as session:
        session.scalars(select(StripeMirror)).one().begun_at = wall_now() - 2 * KEY_LIFE

    found = mirrored(
        database, product(tenant), {}, look=lambda _: "prod_found", make=lambda _: "prod_2"
    )

    assert found == "prod_found"


def test_forgotten_mirror_is_made_again_with_another_key(
    database: Database, tenant: Tenant, vendor: Vendor
) -> None:
    reflect(database, product(tenant), vendor, name="Poste")
    assert forget_mirror(database, tenant.id, "in_1")

    reflect(database, product(tenant), vendor, name="Poste dédié")

    assert len(set(vendor.keys)) == 2
    assert vendor.figures[1] == {"name": "Poste dédié"}


def test_mirror_of_another_object_is_not_forgotten(
    database: Database, tenant: Tenant, vendor: Vendor
) -> None:
    reflect(database, product(tenant), vendor)

    assert not forget_mirror(database, tenant.id, "prod_older")
    assert not forget_mirror(database, make_tenant(database).id, "in_1")
    reflect(database, product(tenant), vendor)
    assert len(vendor.keys) == 1


def test_mirrors_belong_to_account_kind_and_tenant(
    database: Database, tenant: Tenant, vendor: Vendor
) -> None:
    other = make_tenant(database)
    keys = [
        product(tenant),
        product(tenant, account="acct_2"),
        MirrorKey(tenant.id, "acct_1", "customer", "product:1"),
        product(other),
    ]

    for key in keys:
        reflect(database, key, vendor)

    assert len(set(vendor.keys)) == 4


def test_product_of_a_very_long_name_has_a_key_an_index_takes(
    database: Database, tenant: Tenant, vendor: Vendor
) -> None:
    names = [f"{'Poste, vue sur cour, ' * 500}{number}" for number in range(2)]
    keys = [product_key({"product_key": f"name:{name}"}) for name in names]

    for key in keys:
        reflect(database, product(tenant, key), vendor)

    assert len(set(vendor.keys)) == 2
    assert product_key({"product_key": "product:7"}) == "product:7"


def test_customers_credit_is_remembered(database: Database, tenant: Tenant) -> None:
    key = MirrorKey(tenant.id, "acct_1", "customer", "company:601")

    for credit in (True, False):
        keep_mirror(database, key, "cus_1", has_credit=credit)
        row = find_mirror(database, key)
        assert row is not None
        assert (row.object_id, row.has_credit) == ("cus_1", credit)


def test_mirror_asked_for_at_once_has_one_key_and_its_figures(
    database: Database, tenant: Tenant, vendor: Vendor
) -> None:
    """Two purchases of one company, whose contacts differ."""
    for number in range(10):
        key = MirrorKey(tenant.id, "acct_1", "customer", f"company:{number}")
        keep_mirror(database, key, f"cus_{number}")
        forget_mirror(database, tenant.id, f"cus_{number}")
        vendor.keys.clear()
        vendor.figures.clear()

        results = together(
            database,
            *[
                lambda key=key, mail=mail: reflect(database, key, vendor, email=mail)
                for mail in "abcd"
            ],
        )

        assert failures(results) == []
        assert len(set(vendor.keys)) == 1
        assert len({str(figures) for figures in vendor.figures}) == 1


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


def test_end_of_an_older_key_undoes_nothing(database: Database, tenant: Tenant) -> None:
    """Two purchases of a company send one key; Stripe repeats an error to both, to one late."""
    key, made = MirrorKey(tenant.id, "acct_1", "customer", "company:9"), list[str]()

    def mirror(make: Callable[[Operation], str]) -> str:
        return mirrored(database, key, {}, look=lambda _: None, make=make)

    def unanswered(_operation: Operation) -> str:
        raise SILENCE

    def quick(operation: Operation) -> str:
        if operation.operation_key.endswith(":1"):
            raise OVER
        made.append(operation.operation_key)
        return f"cus_{operation.tries}"

    def slow(operation: Operation) -> str:
        if operation.operation_key.endswith(":1"):
            mirror(quick)
        return quick(operation)

    with pytest.raises(ProviderError):
        mirror(unanswered)

    assert mirror(slow) == "cus_2"
    assert len(made) == 1
