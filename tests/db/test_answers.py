"""The ends of a sent proposal: accepted once whatever races, declined, withdrawn, expired."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.billing.ladder import MoneyStatus
from app.errors import ConflictError
from app.models import Acceptance, Deal, Message, Proposal, Purchase, StageFact
from app.proposals.accept import Evidence, accept_proposal
from app.proposals.close import decline_proposal, expire_due_proposals, withdraw_proposal
from app.proposals.lifecycle import FOLLOWS, ProposalStatus
from app.proposals.transitions import move
from tests.db.racing import failures, together
from tests.factories import SEALER, make_proposal, make_tenant, return_token_of

if TYPE_CHECKING:
    from app.db import Database
    from app.models import Tenant

EVIDENCE = Evidence("192.0.2.7", "Firefox")


@pytest.fixture
def tenant(database: Database) -> Tenant:
    return make_tenant(database, stages={"accepted": "decisionmakerboughtin"})


@pytest.fixture
def proposal(database: Database, tenant: Tenant) -> Proposal:
    return make_proposal(database, tenant)


def now() -> datetime:
    return datetime.now(UTC)


def accept(database: Database, proposal: Proposal, **overrides: Any) -> Purchase:
    values: dict[str, Any] = {"method": "card", "version": 1, "evidence": EVIDENCE, "now": now()}
    with database.writing(proposal.tenant_id) as session:
        row = session.get_one(Proposal, proposal.id)
        return accept_proposal(session, SEALER, row, **{**values, **overrides})


def decline(database: Database, proposal: Proposal, reason: str = "", version: int = 1) -> None:
    with database.writing(proposal.tenant_id) as session:
        row = session.get_one(Proposal, proposal.id)
        decline_proposal(session, row, version=version, reason=reason, now=now())


def withdraw(database: Database, proposal: Proposal) -> None:
    with database.writing(proposal.tenant_id) as session:
        withdraw_proposal(session, session.get_one(Proposal, proposal.id), now())


def all_of(database: Database, proposal: Proposal, table: type[Any]) -> list[Any]:
    with database.reading(proposal.tenant_id) as session:
        return list(session.scalars(select(table).order_by(table.id)))


def status_of(database: Database, proposal: Proposal) -> str:
    with database.reading(proposal.tenant_id) as session:
        return session.get_one(Proposal, proposal.id).status


def kinds(database: Database, proposal: Proposal) -> set[str]:
    return {message.kind for message in all_of(database, proposal, Message)}


def test_acceptance_records_what_was_shown_and_from_where(
    database: Database, proposal: Proposal
) -> None:
    moment = now()

    accept(database, proposal, method="sepa_debit", now=moment)

    [kept] = all_of(database, proposal, Acceptance)
    assert (kept.document_hash, kept.version) == (proposal.document_hash, 1)
    assert (kept.method, kept.accepted_at) == ("sepa_debit", moment)
    assert (kept.ip_address, kept.user_agent) == ("192.0.2.7", "Firefox")


def test_endless_name_of_a_browser_is_cut(database: Database, proposal: Proposal) -> None:
    accept(database, proposal, evidence=Evidence("192.0.2.7", "x" * 20_000))

    [kept] = all_of(database, proposal, Acceptance)
    assert kept.user_agent == "x" * 1000


def test_acceptance_opens_the_purchase_and_tells_everybody(
    database: Database, proposal: Proposal
) -> None:
    accept(database, proposal)

    [purchase] = all_of(database, proposal, Purchase)
    assert status_of(database, proposal) == "accepted"
    assert (purchase.status, purchase.method) == (MoneyStatus.AWAITING_METHOD, "card")
    assert return_token_of(purchase)
    assert kinds(database, proposal) == {
        *("stripe.open_page", "hubspot.sync_deal", "slack.accepted", "email.rep_accepted")
    }
    facts = [fact.stage_id for fact in all_of(database, proposal, StageFact)]
    assert facts == ["decisionmakerboughtin"]
    assert all_of(database, proposal, Deal)[0].revision == 1


REFUSALS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {"method": "paypal"}, "method_not_offered"),
    ({}, {"version": 2}, "replaced"),
    ({"version": 2}, {}, "replaced"),
    ({"valid_until": None}, {}, "expired"),
    ({"valid_until": datetime(2026, 1, 1, tzinfo=UTC)}, {}, "expired"),
    ({"status": "draft"}, {}, "draft"),
    ({"status": "refused"}, {}, "refused"),
    ({"status": "accepted"}, {}, "accepted"),
    ({"status": "declined"}, {}, "declined"),
    ({"status": "withdrawn"}, {}, "withdrawn"),
    ({"status": "expired"}, {}, "expired"),
]


@pytest.mark.parametrize(("row", "answer", "code"), REFUSALS)
def test_acceptance_is_refused_with_its_reason(
    database: Database, tenant: Tenant, row: dict[str, Any], answer: dict[str, Any], code: str
) -> None:
    proposal = make_proposal(database, tenant, **row)

    with pytest.raises(ConflictError) as caught:
        accept(database, proposal, **answer)

    assert caught.value.code == code
    assert all_of(database, proposal, Acceptance) == []
    assert all_of(database, proposal, Purchase) == []
    assert kinds(database, proposal) == set()


def test_last_instant_of_validity_still_counts(database: Database, tenant: Tenant) -> None:
    until = datetime(2026, 4, 9, 21, 59, 59, 999_999, tzinfo=UTC)
    proposal = make_proposal(database, tenant, valid_until=until)

    accept(database, proposal, now=until)

    assert status_of(database, proposal) == "accepted"


def test_second_acceptance_finds_the_first(database: Database, proposal: Proposal) -> None:
    accept(database, proposal)

    with pytest.raises(ConflictError) as caught:
        accept(database, proposal)

    assert caught.value.code == "accepted"
    assert len(all_of(database, proposal, Acceptance)) == 1


def test_two_acceptances_at_once_are_one(database: Database, proposal: Proposal) -> None:
    results = together(database, *[lambda: accept(database, proposal)] * 4)

    lost = failures(results)
    assert len(lost) == 3
    assert {getattr(error, "code", error) for error in lost} == {"accepted"}
    assert len(all_of(database, proposal, Acceptance)) == 1
    assert len(all_of(database, proposal, Purchase)) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_read_then_write_lets_both_acceptances_through(
    database: Database, proposal: Proposal
) -> None:
    """The control: the same race, won twice where the status is read before it is written."""
    both_have_read = threading.Barrier(2)

    def accept_naively() -> bool:
        with database.writing(proposal.tenant_id) as session:
            row = session.get_one(Proposal, proposal.id)
            open_ = row.status == "sent"
            both_have_read.wait(10)
            row.status = "accepted"
            return open_

    assert together(database, accept_naively, accept_naively) == [True, True]


def test_acceptance_against_withdrawal_has_one_winner(
    database: Database, proposal: Proposal
) -> None:
    results = together(
        database, lambda: accept(database, proposal), lambda: withdraw(database, proposal)
    )

    [lost] = failures(results)
    assert isinstance(lost, ConflictError)
    status = status_of(database, proposal)
    assert lost.code == status in {"accepted", "withdrawn"}
    assert len(all_of(database, proposal, Acceptance)) == (status == "accepted")


def test_acceptance_against_expiry_has_one_winner(database: Database, tenant: Tenant) -> None:
    until = now() + timedelta(hours=1)
    proposal = make_proposal(database, tenant, valid_until=until)

    together(
        database,
        lambda: accept(database, proposal, now=until),
        lambda: expire_due_proposals(database, until + timedelta(seconds=1)),
    )

    status = status_of(database, proposal)
    assert status in {"accepted", "expired"}
    assert len(all_of(database, proposal, Acceptance)) == (status == "accepted")


def test_refusal_keeps_its_reason_and_tells_the_rep(database: Database, proposal: Proposal) -> None:
    decline(database, proposal, reason="  Trop cher pour nous.  ")

    [row] = all_of(database, proposal, Proposal)
    assert (row.status, row.decline_reason) == ("declined", "Trop cher pour nous.")
    assert row.closed_at is not None
    assert kinds(database, proposal) == {"hubspot.sync_deal", "email.rep_declined"}


def test_endless_reason_is_cut(database: Database, proposal: Proposal) -> None:
    decline(database, proposal, reason="é" * 10_000)

    assert len(all_of(database, proposal, Proposal)[0].decline_reason) == 2000


def test_refusal_of_a_replaced_version_is_refused(database: Database, proposal: Proposal) -> None:
    with pytest.raises(ConflictError) as caught:
        decline(database, proposal, version=2)

    assert caught.value.code == "replaced"
    assert status_of(database, proposal) == "sent"


def test_withdrawal_is_shown_and_told_to_nobody(database: Database, proposal: Proposal) -> None:
    withdraw(database, proposal)

    assert status_of(database, proposal) == "withdrawn"
    assert kinds(database, proposal) == {"hubspot.sync_deal"}


@pytest.mark.parametrize("status", ["draft", "accepted", "declined", "expired", "withdrawn"])
def test_only_a_sent_proposal_is_withdrawn(database: Database, tenant: Tenant, status: str) -> None:
    proposal = make_proposal(database, tenant, status=status)

    with pytest.raises(ConflictError) as caught:
        withdraw(database, proposal)

    assert caught.value.code == status


def test_proposals_past_their_day_expire_in_every_tenant(database: Database) -> None:
    day = datetime(2026, 4, 9, 22, tzinfo=UTC)
    tenants = [make_tenant(database), make_tenant(database)]
    late = [make_proposal(database, who, valid_until=day) for who in tenants]
    fresh = make_proposal(database, tenants[0], valid_until=day + timedelta(days=1))
    answered = make_proposal(database, tenants[0], valid_until=day, status="accepted")

    for _ in range(2):
        expire_due_proposals(database, day + timedelta(seconds=1))

    assert [status_of(database, proposal) for proposal in late] == ["expired", "expired"]
    assert status_of(database, fresh) == "sent"
    assert status_of(database, answered) == "accepted"
    assert kinds(database, late[1]) == {"hubspot.sync_deal"}
    assert all_of(database, late[1], Deal)[0].revision == 1


def test_proposal_does_not_expire_in_its_last_instant(database: Database, tenant: Tenant) -> None:
    until = datetime(2026, 4, 9, 22, tzinfo=UTC)
    proposal = make_proposal(database, tenant, valid_until=until)

    expire_due_proposals(database, until)

    assert status_of(database, proposal) == "sent"


def test_rows_move_exactly_where_the_ladder_allows(database: Database, tenant: Tenant) -> None:
    pairs = list(product(ProposalStatus, ProposalStatus))
    proposals = {
        status: make_proposal(database, tenant, status=status.value) for status in ProposalStatus
    }

    for current, following in pairs:
        with database.writing(tenant.id) as session:
            row = session.get_one(Proposal, proposals[current].id)
            moved = move(session, row, following)
            expected = following if moved else current
            assert moved is (following in FOLLOWS[current]), (current, following)
            assert row.status == expected, (current, following)
            row.status = current
