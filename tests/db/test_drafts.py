"""From a taken request to a frozen draft, and from the draft to a proposal on its way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.models import Deal, Message, Proposal, ProposalRequest, StageFact
from app.proposals.content import fingerprint
from app.proposals.preflight import preflight
from app.proposals.send import draft_proposal, refuse_draft, refuse_request, send_proposal
from app.snapshot import Owner
from app.tokens import token_hash
from tests.db.racing import failures, together
from tests.factories import SEALER, make_deal, make_proposal, make_request, make_tenant, token_of
from tests.values import NOON, make_facts, make_snapshot

if TYPE_CHECKING:
    from app.db import Database
    from app.models import Tenant

DANA = Owner("9001", "dana@maison.example", "Dana Petit")


@pytest.fixture
def tenant(database: Database) -> Tenant:
    return make_tenant(database, stages={"sent": "contractsent"})


def draft(database: Database, tenant: Tenant, now: datetime = NOON, **snapshot: Any) -> Proposal:
    """A click on a deal of its own, and the draft that a worker made of it."""
    request = make_request(database, make_deal(database, tenant), status="taken")
    return draft_of(database, request, now, **snapshot)


def draft_of(
    database: Database, request: ProposalRequest, now: datetime = NOON, **snapshot: Any
) -> Proposal:
    deal = make_snapshot(**snapshot)
    [offer] = preflight(deal, make_facts()).offers
    with database.writing(request.tenant_id) as session:
        return draft_proposal(session, request, deal, offer, rep=DANA, now=now)


def send(database: Database, proposal: Proposal, **overrides: Any) -> None:
    values: dict[str, Any] = {"methods": ["card"], "notes": ["email_known"], "now": NOON}
    with database.writing(proposal.tenant_id) as session:
        row = session.get_one(Proposal, proposal.id)
        send_proposal(session, SEALER, row, **{**values, **overrides})


def all_of(database: Database, tenant: Tenant, table: type[Any]) -> list[Any]:
    with database.reading(tenant.id) as session:
        return list(session.scalars(select(table).order_by(table.id)))


def kinds(database: Database, tenant: Tenant) -> list[str]:
    return [message.kind for message in all_of(database, tenant, Message)]


def test_draft_freezes_the_offer(database: Database, tenant: Tenant) -> None:
    made = draft(database, tenant)

    [row] = all_of(database, tenant, Proposal)
    assert (row.status, row.number, row.version) == ("draft", "P-2026-0001", 1)
    assert (row.due_now_minor, row.recurring_minor, row.interval) == (54_000, 54_000, "month")
    assert row.document_hash == fingerprint(row.document) == made.document_hash
    assert row.document["number"] == "P-2026-0001"
    assert row.document["rep"] == {"name": "Dana Petit", "email": "dana@maison.example"}
    assert row.document["seller"]["name"] == "Maison du Test"
    assert row.token_hash is None


def test_draft_asks_stripe_before_anything_else(database: Database, tenant: Tenant) -> None:
    draft(database, tenant)

    assert kinds(database, tenant) == ["stripe.check_proposal"]


def test_validity_ends_with_the_tenants_day(database: Database, tenant: Tenant) -> None:
    made = draft(database, tenant)

    assert made.document["issued_on"] == "2026-03-10"
    assert made.document["valid_until"] == "2026-04-09"
    with database.reading(tenant.id) as session:
        until = session.get_one(Proposal, made.id).valid_until
    assert until == datetime(2026, 4, 9, 21, 59, 59, 999_999, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "number"), [("Europe/Paris", "P-2027-0001"), ("America/New_York", "P-2026-0001")]
)
def test_year_of_a_number_is_the_tenants(database: Database, zone: str, number: str) -> None:
    tenant = make_tenant(database, time_zone=zone)

    made = draft(database, tenant, now=datetime(2026, 12, 31, 23, 30, tzinfo=UTC))

    assert made.number == number


def test_numbers_rise_per_tenant_and_year(database: Database, tenant: Tenant) -> None:
    other = make_tenant(database)

    numbers = [
        draft(database, who, now).number
        for who, now in [
            (tenant, NOON),
            (tenant, NOON),
            (other, NOON),
            (tenant, NOON + timedelta(days=365)),
            (tenant, NOON),
        ]
    ]

    assert numbers == [*("P-2026-0001", "P-2026-0002", "P-2026-0001", "P-2027-0001", "P-2026-0003")]


def test_refused_draft_leaves_a_gap(database: Database, tenant: Tenant) -> None:
    first = draft(database, tenant)
    with database.writing(tenant.id) as session:
        refuse_draft(session, session.get_one(Proposal, first.id), "Stripe differs")

    assert draft(database, tenant).number == "P-2026-0002"


def test_drafts_at_once_have_numbers_of_their_own(database: Database, tenant: Tenant) -> None:
    deals = [make_deal(database, tenant) for _ in range(5)]
    requests = [make_request(database, deal, status="taken") for deal in deals]

    results = together(database, *[lambda r=r: draft_of(database, r) for r in requests])

    assert failures(results) == []
    assert sorted(made.number for made in results) == [f"P-2026-{n:04d}" for n in range(1, 6)]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_draft_in_the_making_holds_no_other_message_up(database: Database, tenant: Tenant) -> None:
    request = make_request(database, make_deal(database, tenant), status="taken")
    other = make_proposal(database, tenant)
    place = {"deal_id": other.deal_id, "proposal_id": other.id}
    deal = make_snapshot()
    [offer] = preflight(deal, make_facts()).offers

    with database.writing(tenant.id) as session:
        draft_proposal(session, request, deal, offer, rep=DANA, now=NOON)
        with database.writing(tenant.id) as beside:
            beside.connection().exec_driver_sql("SET lock_timeout = '500ms'")
            beside.add(StageFact(**place, event="sent", stage_id="x"))

    assert len(all_of(database, tenant, StageFact)) == 1


def test_sent_proposal_has_its_link_and_its_mail(database: Database, tenant: Tenant) -> None:
    made = draft(database, tenant)

    send(database, made)

    [row] = all_of(database, tenant, Proposal)
    [request] = all_of(database, tenant, ProposalRequest)
    assert (row.status, row.sent_at, row.methods) == ("sent", NOON, ["card"])
    assert row.notes == ["email_known"]
    assert row.token_hash == token_hash(token_of(row))
    assert request.status == "sent"
    assert kinds(database, tenant) == [
        *("stripe.check_proposal", "hubspot.sync_deal", "email.proposal_sent")
    ]
    assert [fact.stage_id for fact in all_of(database, tenant, StageFact)] == ["contractsent"]


def test_sending_twice_changes_nothing(database: Database, tenant: Tenant) -> None:
    made = draft(database, tenant)

    send(database, made)
    [before] = all_of(database, tenant, Proposal)
    send(database, made, methods=["sepa_debit"])

    [after] = all_of(database, tenant, Proposal)
    assert (after.token_hash, after.methods) == (before.token_hash, before.methods)
    assert kinds(database, tenant).count("email.proposal_sent") == 1
    assert all_of(database, tenant, Deal)[0].revision == 1


def test_refused_draft_tells_the_card_why(database: Database, tenant: Tenant) -> None:
    made = draft(database, tenant)

    with database.writing(tenant.id) as session:
        refuse_draft(session, session.get_one(Proposal, made.id), "Stripe computes 541.00")

    [row] = all_of(database, tenant, Proposal)
    [request] = all_of(database, tenant, ProposalRequest)
    assert row.status == "refused"
    assert (request.status, request.refusal) == ("refused", "Stripe computes 541.00")
    assert kinds(database, tenant) == ["stripe.check_proposal", "hubspot.sync_deal"]


def test_sent_proposal_is_not_refused_late(database: Database, tenant: Tenant) -> None:
    made = draft(database, tenant)
    send(database, made)

    with database.writing(tenant.id) as session:
        refuse_draft(session, session.get_one(Proposal, made.id), "late")

    assert [row.status for row in all_of(database, tenant, Proposal)] == ["sent"]
    assert [request.status for request in all_of(database, tenant, ProposalRequest)] == ["sent"]


def test_answered_request_is_not_refused_late(database: Database, tenant: Tenant) -> None:
    proposal = make_proposal(database, tenant)

    with database.writing(tenant.id) as session:
        request = session.get_one(ProposalRequest, proposal.request_id)
        refuse_request(session, request, "late")

    assert [request.refusal for request in all_of(database, tenant, ProposalRequest)] == [""]
    assert kinds(database, tenant) == []


def test_unmapped_stage_is_no_fact(database: Database) -> None:
    tenant = make_tenant(database)

    send(database, draft(database, tenant))

    assert all_of(database, tenant, StageFact) == []
