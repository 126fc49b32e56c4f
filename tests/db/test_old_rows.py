"""A database that was in use before this release: what its rows become, and how they go on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from alembic import command
from sqlalchemy import JSON, Boolean, DateTime, Integer, MetaData, Table, insert, select

from app.billing.mirrors import MirrorKey, find_mirror, product_key
from app.billing.outcomes import apply_invoice
from app.billing.purchases import leading_invoice
from app.billing.steps import once
from app.db import EVERY_TENANT, Base, Database
from app.migrate import config, migrate
from app.models import DealProblem, Purchase, Step, StripeMirror
from tests.values import NOON, make_invoice_state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Column

    from app.providers.stripe.answers import InvoiceState

OLD = "0008"
TENANT = 1
RENEWED_AT = NOON + timedelta(days=31)
UNPAID = ("awaiting_method", "held", "action_needed", "pending", "failed")
STARTED = ("paid", "past_due", "refunded", "disputed", "cancelled")
NAMED = "name:Bureau"
# The tables that there were, each with a row.
FILLED: set[str] = set()


@dataclass
class OldRows:
    """Fills tables as they were: what a column must have and a test does not say is made up."""

    tables: dict[str, Table]
    rows: list[tuple[Table, dict[str, Any]]] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def add(self, into: str, /, **given: Any) -> None:
        table, number = self.tables[into], next(self.numbers)
        asked = [c for c in table.columns if c.name not in given and _must_be_given(c)]
        owner = {"tenant_id": TENANT} if "tenant_id" in table.columns else {}
        made_up = {column.name: _made_up(column, number) for column in asked}
        self.rows.append((table, made_up | owner | given))


def _must_be_given(column: Column[Any]) -> bool:
    counted = column.name == "id" and isinstance(column.type, Integer)
    return not (column.nullable or column.server_default or counted)


def _made_up(column: Column[Any], number: int) -> Any:
    kinds: list[tuple[type[Any], Any]] = [
        (JSON, {}),
        (Boolean, False),
        (DateTime, NOON),
        (Integer, 1),
    ]
    plain = (value for kind, value in kinds if isinstance(column.type, kind))
    return next(plain, f"{column.name} {number}")


def everyday(rows: OldRows) -> None:
    """A row of each table that is not about money."""
    rows.add("tenants", id=TENANT, hub_id=148111, time_zone="UTC")
    rows.add("business_clock", id=1)
    for name in ("install_states", "colleague_sessions", "sign_in_links", "pauses", "preferences"):
        rows.add(name)
    for name in ("portal_owners", "portal_tax_rates", "portal_stages"):
        rows.add(name)
    rows.add("connections", provider="stripe", account_id="acct_1")


def sale(rows: OldRows, number: int, status: str) -> None:
    """A deal with its proposal and the purchase in this state."""
    rows.add("deals", id=number, revision=1, pushed_revision=1)
    rows.add("proposal_requests", id=number, deal_id=number, status="done")
    rows.add(
        "proposals",
        id=number,
        deal_id=number,
        request_id=number,
        sequence=number,
        version=1,
        status="accepted",
        problem="The mail did not go out." if number == 1 else "",
    )
    rows.add("acceptances", proposal_id=number)
    rows.add("stage_facts", deal_id=number, proposal_id=number, event="accepted")
    rows.add("purchases", **money(number, status))
    if status in STARTED:
        rows.add("paid_invoices", purchase_id=number, stripe_invoice_id=f"in_{number}")


def money(number: int, status: str) -> dict[str, Any]:
    billed = status not in ("awaiting_method", "held")
    newest = RENEWED_AT if status == "past_due" else NOON
    return {
        "id": number,
        "proposal_id": number,
        "status": status,
        "problem": "",
        "generation": 1,
        "billed_pages": [],
        "stripe_customer_id": "cus_1",
        "stripe_invoice_id": f"in_{number}" if billed else None,
        "stripe_subscription_id": f"sub_{number}" if billed else None,
        "newest_invoice_at": newest if billed else None,
        "first_paid_at": NOON if status in STARTED else None,
    }


def bookkeeping(rows: OldRows) -> None:
    """Steps, mirrors and messages: of the first purchase."""
    done = {"done_at": NOON, "object_id": "sub_1"}
    rows.add("steps", purchase_id=1, name="1:subscription", **done)
    rows.add("steps", purchase_id=1, name="2:pay:pm_1", operation_key="begun")
    account = {"stripe_account_id": "acct_1", "has_credit": False, "tries": 2}
    known = {"our_key": NAMED, "stripe_id": "prod_1", "given": {}}
    rows.add("stripe_mirrors", kind="product", **known, **account)
    begun = {"our_key": "company:1", "stripe_id": "", "given": {"email": "jeanne@example"}}
    rows.add("stripe_mirrors", kind="customer", **begun, **account)
    gone = {"our_key": "1:20", "stripe_id": "", "given": {}}
    rows.add("stripe_mirrors", kind="tax_rate", **gone, **account)
    key = f"{TENANT}:email.proposal_sent:1:1"
    rows.add("messages", kind="email.proposal_sent", status="dead", dedupe_key=key)


@pytest.fixture(params=["sqlite", "postgresql"], scope="module")
def upgraded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """A database with rows in every table it had, brought to head."""
    if request.param == "sqlite":
        old = Database(f"sqlite:///{tmp_path_factory.mktemp('old') / 'old.db'}")
    else:
        server = request.getfixturevalue("postgres_server")
        old = Database(server.url(server.create()))
    fill(old)
    migrate(old)
    yield old
    old.engine.dispose()


def fill(old: Database) -> None:
    migrate(old, OLD)
    with old.engine.begin() as connection:
        schema = MetaData()
        schema.reflect(connection)
        rows = OldRows(schema.tables)
        everyday(rows)
        for number, status in enumerate((*UNPAID, *STARTED), 1):
            sale(rows, number, status)
        bookkeeping(rows)
        for table, values in rows.rows:
            connection.execute(insert(table).values(values))
        FILLED.update(table.name for table, _ in rows.rows)
        assert {*schema.tables} - {"alembic_version"} == FILLED


def now_of(database: Database, status: str) -> Purchase:
    number = (*UNPAID, *STARTED).index(status) + 1
    with database.reading(TENANT) as session:
        return session.get_one(Purchase, number)


def hear(database: Database, purchase: Purchase, invoice: InvoiceState) -> str:
    with database.writing(TENANT) as session:
        apply_invoice(session, session.get_one(Purchase, purchase.id), invoice, NOON)
    with database.reading(TENANT) as session:
        return session.get_one(Purchase, purchase.id).status


def test_upgraded_database_is_what_the_models_say(upgraded: Database) -> None:
    with upgraded.engine.begin() as connection:
        command.check(config(connection))


def test_no_table_has_lost_its_rows(upgraded: Database) -> None:
    old = [table for name, table in Base.metadata.tables.items() if name in FILLED]

    with upgraded.engine.connect() as connection:
        empty = [table.name for table in old if not connection.execute(select(table)).first()]

    assert empty == []


def test_steps_keep_what_they_did_and_are_not_done_again(upgraded: Database) -> None:
    with upgraded.reading(TENANT) as session:
        steps = session.scalars(select(Step).order_by(Step.id)).all()

    known = [(step.generation, step.name, step.state) for step in steps]
    made = once(
        upgraded,
        now_of(upgraded, "awaiting_method"),
        "subscription",
        {},
        look=lambda: pytest.fail("it is known"),
        make=lambda _: pytest.fail("it is made"),
    )
    assert known == [(1, "subscription", "done"), (2, "pay:pm_1", "begun")]
    assert made.object_id == "sub_1"


def test_mirrors_keep_what_they_stand_for(upgraded: Database) -> None:
    with upgraded.reading(TENANT) as session:
        rows = session.scalars(select(StripeMirror).order_by(StripeMirror.id)).all()
    bureau = product_key({"product_key": NAMED})

    found = find_mirror(upgraded, MirrorKey(TENANT, "acct_1", "product", bureau))

    assert found
    assert found.object_id == "prod_1"
    assert [row.state for row in rows] == ["done", "begun", "undone"]
    assert [row.operation_key for row in rows] == ["product:1:2", "customer:2:2", "tax_rate:3:2"]


def test_problem_of_a_proposal_is_its_dead_mails(upgraded: Database) -> None:
    with upgraded.reading(EVERY_TENANT) as session:
        [problem] = session.scalars(select(DealProblem))

    assert (problem.deal_id, problem.kind) == (1, "email.proposal_sent")
    assert problem.words == "The mail did not go out."


@pytest.mark.parametrize("status", [*UNPAID, *STARTED])
def test_newest_invoice_is_known_only_where_it_is_the_first(
    upgraded: Database, status: str
) -> None:
    """A renewal's id was not kept: the first's in its place would lead to a paid invoice."""
    purchase = now_of(upgraded, status)

    wanted = purchase.stripe_invoice_id if status in UNPAID else ""
    assert leading_invoice(purchase) == (wanted or "")


@pytest.mark.parametrize("status", UNPAID)
def test_unpaid_purchase_is_paid_by_its_first_invoice(upgraded: Database, status: str) -> None:
    purchase = now_of(upgraded, status)
    first = purchase.stripe_invoice_id or f"in_{purchase.id}"

    assert hear(upgraded, purchase, make_invoice_state(id=first, paid=True)) == "paid"


AFTER_RENEWAL = {
    "paid": ("past_due", "paid"),
    "past_due": ("past_due", "paid"),
    "refunded": ("refunded", "refunded"),
    "disputed": ("disputed", "paid"),
    "cancelled": ("cancelled", "cancelled"),
}


@pytest.mark.parametrize("status", STARTED)
def test_started_purchase_follows_its_renewal(upgraded: Database, status: str) -> None:
    purchase = now_of(upgraded, status)
    renewal = {
        "id": f"in_renewal_{purchase.id}",
        "created_at": RENEWED_AT,
        "billing_reason": "subscription_cycle",
    }

    failed = hear(upgraded, purchase, make_invoice_state(**renewal))
    known = leading_invoice(now_of(upgraded, status))
    paid = hear(upgraded, purchase, make_invoice_state(paid=True, **renewal))

    assert (failed, paid) == AFTER_RENEWAL[status]
    assert known == renewal["id"]
