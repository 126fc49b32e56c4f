"""The tenant's fence: the session's, and the database's own."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import ForeignKeyConstraint, delete, exists, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from app import messages
from app.accounts.notices import Rule, change_rules
from app.accounts.roles import meet
from app.accounts.sessions import make_sign_in_link
from app.audit import US, audit
from app.billing.mirrors import MirrorKey, keep_mirror
from app.billing.steps import once
from app.clock import wall_now
from app.db import EVERY_TENANT, Base, TenantRow
from app.models import (
    Deal,
    DealProblem,
    Decision,
    MailTest,
    Message,
    PipelineStage,
    PortalOwner,
    PortalStage,
    PortalTaxRate,
    Preferences,
    Proposal,
    StageFact,
    StoredFile,
    TeamChannel,
    ToldDifference,
)
from tests.factories import (
    make_connection,
    make_deal,
    make_paid_invoice,
    make_proposal,
    make_purchase,
    make_session,
    make_tenant,
)
from tests.values import make_invoice_state

if TYPE_CHECKING:
    from app.db import Database
    from app.models import Tenant

TABLES: list[Any] = sorted(
    (m.class_ for m in Base.registry.mappers if issubclass(m.class_, TenantRow)),
    key=lambda table: str(table.__name__),
)
CHILDREN = [
    (table, constraint)
    for table in Base.metadata.sorted_tables
    for constraint in table.constraints
    if isinstance(constraint, ForeignKeyConstraint) and len(constraint.columns) > 1
]


def furnish(database: Database, **overrides: Any) -> Tenant:
    """A tenant with a row in every table, under the same ids of HubSpot and Stripe as any other."""
    tenant = make_tenant(database, **overrides)
    make_connection(database, tenant, "stripe", {"key": "rk"}, account_id="acct_1")
    make_session(database, tenant)
    deal = make_deal(database, tenant, hubspot_deal_id="5101")
    proposal = make_proposal(database, tenant, deal=deal)
    purchase = make_purchase(database, proposal)
    make_paid_invoice(database, purchase, stripe_invoice_id="in_1")
    invoice = make_invoice_state()
    once(database, purchase, "invoice", {}, look=lambda: None, make=lambda _: invoice)
    keep_mirror(database, MirrorKey(tenant.id, "acct_1", "customer", "company:601"), "cus_1")
    portal = {"tenant_id": tenant.id, "read_at": wall_now()}
    with database.writing(tenant.id) as session:
        make_sign_in_link(session, 7001, "dana@maison.example")
        session.add(PortalOwner(hubspot_owner_id="9001", email="", name="", **portal))
        session.add(PortalStage(hubspot_stage_id="won", label="", pipeline_label="", **portal))
        session.add(MailTest(user_id=7001))
        session.add(TeamChannel(slack_channel_id="C1", **portal))
        file = {"sha256": "0" * 64, "content_type": "image/png", "name": "", "content": b"png"}
        session.add(StoredFile(tenant_id=tenant.id, added_at=wall_now(), **file))
        change_rules(session, {"sent": Rule(to_slack=True)})
        session.add(PipelineStage(pipeline_id="default", event="sent", stage_id="won"))
        meet(session, 7001, "dana@maison.example")
        audit(session, US, "journal.exported")
        session.add(
            PortalTaxRate(hubspot_tax_rate_id="1", label="", percentage="20", active=True, **portal)
        )
        fact = {"deal_id": deal.id, "proposal_id": proposal.id, "event": "sent", "stage_id": "won"}
        session.add(StageFact(tenant_id=tenant.id, **fact))
        messages.add(session, "slack.paid", "1", payload={}, subject="purchase:1")
        messages.pause(session, "stripe", timedelta(hours=1))
        session.add(ToldDifference(name="object_gone:sub_1", told_at=wall_now()))
        session.add(
            DealProblem(deal_id=deal.id, message_id=tenant.id, kind="slack.paid", words="No.")
        )
        session.add(
            Decision(
                message_id=tenant.id,
                did="again",
                by="dana",
                decided_at=wall_now(),
                status_before="dead",
                error_before="No.",
            )
        )
    return tenant


def test_every_table_with_an_owner_is_fenced() -> None:
    owned = {table for table in Base.metadata.sorted_tables if "tenant_id" in table.c}

    assert owned == {fenced.__table__ for fenced in TABLES}
    assert not any(table.c.tenant_id.nullable for table in owned)


def test_scoped_reads_see_their_own_rows_only(database: Database) -> None:
    here, there = furnish(database), furnish(database)

    for table in TABLES:
        with database.reading(here.id) as session:
            mine = session.scalars(select(table)).all()
            counted = session.scalar(select(func.count()).select_from(table))
        with database.reading(EVERY_TENANT) as session:
            owners = set(session.scalars(select(table.tenant_id)))

        assert {row.tenant_id for row in mine} == {here.id}, table
        assert counted == len(mine), table
        assert owners == {here.id, there.id}, table


def test_row_of_another_tenant_is_not_found_by_its_id(database: Database) -> None:
    here, there = furnish(database), furnish(database)
    with database.reading(there.id) as session:
        theirs = session.scalars(select(Proposal)).one()

    with database.reading(here.id) as session:
        assert session.get(Proposal, theirs.id) is None
        assert session.get(Preferences, there.id) is None


def test_joins_and_changes_stay_inside(database: Database) -> None:
    here, there = furnish(database), furnish(database)

    with database.writing(here.id) as session:
        joined = session.execute(select(Proposal, Deal).join(Deal, Deal.hubspot_deal_id == "5101"))
        assert len(joined.all()) == 1
        session.execute(update(Deal).values(stage_problem="changed"))
        session.execute(delete(PortalOwner))

    with database.reading(there.id) as session:
        assert session.scalars(select(Deal.stage_problem)).all() == [""]
        assert len(session.scalars(select(PortalOwner)).all()) == 1


def test_scope_is_read_anew_for_each_session(database: Database) -> None:
    tenants = [furnish(database) for _ in range(3)]

    for tenant in [*tenants, *reversed(tenants)]:
        with database.reading(tenant.id) as session:
            assert session.scalars(select(Deal.tenant_id)).all() == [tenant.id]


def test_row_takes_the_tenant_of_its_session(database: Database) -> None:
    tenant = make_tenant(database)

    with database.writing(tenant.id) as session:
        session.add(Deal(hubspot_deal_id="77"))

    with database.reading(EVERY_TENANT) as session:
        assert session.scalars(select(Deal.tenant_id)).all() == [tenant.id]


def test_scoped_session_refuses_to_write_anothers_row(database: Database) -> None:
    here, there = make_tenant(database), make_tenant(database)
    theirs = make_deal(database, there)

    with pytest.raises(PermissionError), database.writing(here.id) as session:
        session.add(Deal(tenant_id=there.id, hubspot_deal_id="77"))
    theirs.stage_problem = "changed"
    with pytest.raises(PermissionError), database.writing(here.id) as session:
        session.add(theirs)

    with database.reading(EVERY_TENANT) as session:
        assert session.scalars(select(Deal.stage_problem)).all() == [""]


@pytest.mark.parametrize("as_parameters", [True, False])
def test_inserted_row_of_another_tenant_is_refused(database: Database, as_parameters: bool) -> None:
    here, there = make_tenant(database), make_tenant(database)
    theirs = {"tenant_id": there.id, "hubspot_deal_id": "77"}
    add, rows = (insert(Deal), theirs) if as_parameters else (insert(Deal).values(theirs), None)

    with pytest.raises(PermissionError), database.writing(here.id) as session:
        session.execute(add, rows)
    with database.writing(EVERY_TENANT) as session:
        session.execute(insert(Deal), theirs)

    with database.reading(EVERY_TENANT) as session:
        assert session.scalars(select(Deal.tenant_id)).all() == [there.id]


def test_scoped_session_refuses_to_delete_anothers_row(database: Database) -> None:
    here, theirs = make_tenant(database), make_deal(database, make_tenant(database))

    with pytest.raises(PermissionError), database.writing(here.id) as session:
        session.delete(theirs)

    with database.reading(EVERY_TENANT) as session:
        assert len(session.scalars(select(Deal)).all()) == 1


def test_message_of_another_tenant_is_neither_seen_nor_settled(database: Database) -> None:
    here, there = make_tenant(database), furnish(database)
    [claimed] = messages.claim(database, 5)
    found = exists().where(Message.subject == "purchase:1")

    with database.writing(here.id) as session:
        assert session.scalar(select(found)) is False
        assert messages.finish(session, claimed) is False
        assert messages.bury(session, claimed, "not mine") is False

    with database.writing(there.id) as session:
        assert session.scalar(select(found)) is True
        assert messages.finish(session, claimed) is True


def test_database_refuses_a_row_across_tenants(database: Database) -> None:
    here, there = furnish(database), make_tenant(database)
    moved = []

    for table, constraint in CHILDREN:
        move = update(table).where(table.c.tenant_id == here.id).values(tenant_id=there.id)
        with pytest.raises(IntegrityError), database.writing(EVERY_TENANT) as session:
            session.execute(move)
        moved.append((table.name, [column.name for column in constraint.columns]))

    assert len(moved) >= 8
    assert all(columns[0] == "tenant_id" for _, columns in moved)


def test_every_tenant_table_with_a_parent_ties_it_to_the_tenant() -> None:
    for table in Base.metadata.sorted_tables:
        for constraint in table.foreign_key_constraints:
            columns = [column.name for column in constraint.columns]
            assert columns[0] == "tenant_id", (table.name, columns)


def test_leaving_takes_everything_of_one_tenant_along(database: Database) -> None:
    here, there = furnish(database), furnish(database)

    with database.writing(EVERY_TENANT) as session:
        tenants = Base.metadata.tables["tenants"]
        session.execute(delete(tenants).where(tenants.c.id == here.id))

    with database.reading(EVERY_TENANT) as session:
        for table in TABLES:
            assert set(session.scalars(select(table.tenant_id))) == {there.id}, table
