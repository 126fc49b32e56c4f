"""A click on the card's button: taken once, one open at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, text

from app.errors import AppError, ConflictError, NotFoundError
from app.models import Message, Proposal, ProposalRequest
from app.proposals.request import find_deal, request_proposal
from tests.db.racing import failures, together, until_one_waits
from tests.factories import make_deal, make_proposal, make_request, make_tenant
from tests.values import make_click

if TYPE_CHECKING:
    from app.db import Database
    from app.models import Tenant

OTHER_ID = "2b1f0c9e-7f5e-4a0e-9a51-000000000002"


@pytest.fixture
def tenant(database: Database) -> Tenant:
    """A tenant whose card has read the deals 5101 and 5102."""
    tenant = make_tenant(database)
    for hubspot_id in ("5101", "5102"):
        make_deal(database, tenant, hubspot_deal_id=hubspot_id)
    return tenant


def requests(database: Database, tenant: Tenant) -> list[ProposalRequest]:
    with database.reading(tenant.id) as session:
        return list(session.scalars(select(ProposalRequest).order_by(ProposalRequest.id)))


def code_of(database: Database, tenant: Tenant, **overrides: Any) -> str:
    with pytest.raises(AppError) as caught:
        request_proposal(database, tenant.id, make_click(**overrides))
    return caught.value.code


def test_click_is_stored_with_the_message_that_works_it(database: Database, tenant: Tenant) -> None:
    request_proposal(database, tenant.id, make_click())

    [request] = requests(database, tenant)
    with database.reading(tenant.id) as session:
        [message] = session.scalars(select(Message))
    assert (request.status, request.user_id, request.shown) == ("taken", 7001, "0" * 64)
    assert message.kind == "hubspot.prepare_proposal"
    assert message.payload == {"request_id": request.id}
    assert message.subject == f"deal_request:{request.deal_id}"


def test_same_click_again_is_the_same_request(database: Database, tenant: Tenant) -> None:
    for _ in range(3):
        request_proposal(database, tenant.id, make_click())

    assert len(requests(database, tenant)) == 1


def test_same_click_is_answered_the_same_after_it_was_worked(
    database: Database, tenant: Tenant
) -> None:
    request_proposal(database, tenant.id, make_click())
    with database.writing(tenant.id) as session:
        session.scalars(select(ProposalRequest)).one().status = "refused"

    request_proposal(database, tenant.id, make_click())

    assert [request.status for request in requests(database, tenant)] == ["refused"]


@pytest.mark.parametrize("overrides", [{"deal_id": "5102"}, {"user_id": 7003}])
def test_request_id_of_another_deal_or_person_is_refused(
    database: Database, tenant: Tenant, overrides: dict[str, Any]
) -> None:
    request_proposal(database, tenant.id, make_click())

    assert code_of(database, tenant, **overrides) == "request_reused"
    assert len(requests(database, tenant)) == 1


def test_request_ids_of_two_tenants_are_their_own(database: Database, tenant: Tenant) -> None:
    other = make_tenant(database)
    make_deal(database, other, hubspot_deal_id="5101")

    request_proposal(database, tenant.id, make_click())
    request_proposal(database, other.id, make_click(user_id=7002))

    assert len(requests(database, tenant)) == len(requests(database, other)) == 1


def test_deal_nobody_read_is_unknown(database: Database, tenant: Tenant) -> None:
    other = make_tenant(database)
    make_deal(database, other, hubspot_deal_id="6000")

    with pytest.raises(NotFoundError):
        request_proposal(database, tenant.id, make_click(deal_id="6000"))


def test_second_click_waits_for_the_first(database: Database, tenant: Tenant) -> None:
    request_proposal(database, tenant.id, make_click())

    assert code_of(database, tenant, request_id=OTHER_ID) == "proposal_open"


@pytest.mark.parametrize("status", ["draft", "sent", "accepted"])
def test_open_proposal_keeps_the_button_away(
    database: Database, tenant: Tenant, status: str
) -> None:
    deal = make_deal(database, tenant, hubspot_deal_id="5103")
    make_proposal(database, tenant, deal=deal, status=status)

    assert code_of(database, tenant, deal_id="5103") == "proposal_open"


@pytest.mark.parametrize("status", ["refused", "declined", "expired", "withdrawn"])
def test_closed_proposal_gives_the_button_back(
    database: Database, tenant: Tenant, status: str
) -> None:
    deal = make_deal(database, tenant, hubspot_deal_id="5103")
    make_proposal(database, tenant, deal=deal, status=status)

    request_proposal(database, tenant.id, make_click(deal_id="5103"))

    assert requests(database, tenant)[-1].status == "taken"


def click_at_once(database: Database, tenant: Tenant, *clicks: dict[str, Any]) -> list[Any]:
    made = [make_click(**overrides) for overrides in clicks]
    return together(database, *[lambda c=c: request_proposal(database, tenant.id, c) for c in made])


def test_two_clicks_at_once_make_one_request(database: Database, tenant: Tenant) -> None:
    results = click_at_once(database, tenant, {}, {"request_id": OTHER_ID})

    [error] = failures(results)
    assert isinstance(error, ConflictError)
    assert error.code == "proposal_open"
    assert [request.status for request in requests(database, tenant)] == ["taken"]


def test_same_click_at_once_succeeds_twice(database: Database, tenant: Tenant) -> None:
    results = click_at_once(database, tenant, {}, {}, {})

    assert failures(results) == []
    assert len(requests(database, tenant)) == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_click_that_meets_the_sending_is_told_of_the_proposal(
    database: Database, tenant: Tenant
) -> None:
    """It looked before there was a proposal, and is stored after the request before it was sent."""
    sent = make_proposal(database, tenant, deal=deal_of(database, tenant), status="refused")
    with database.writing(tenant.id) as session:
        request = session.get_one(ProposalRequest, sent.request_id)
        request.status = "taken"

    with ThreadPoolExecutor(1) as pool:
        with database.writing(tenant.id) as session:
            session.get_one(ProposalRequest, sent.request_id).status = "sent"
            session.get_one(Proposal, sent.id).status = "sent"
            session.flush()
            clicked = pool.submit(code_of, database, tenant)
            until_one_waits(database)

        assert clicked.result() == "proposal_open"
    assert [request.status for request in requests(database, tenant)] == ["sent"]


@pytest.mark.usefixtures("schema_of_its_own")
def test_without_its_index_two_clicks_are_two_requests(database: Database, tenant: Tenant) -> None:
    """The control: what keeps two clicks apart is the index and nothing before it."""
    with database.engine.begin() as connection:
        connection.execute(text("DROP INDEX uq_proposal_requests_one_open"))

    make_request(database, deal_of(database, tenant), status="taken")
    request_proposal(database, tenant.id, make_click())

    assert [request.status for request in requests(database, tenant)] == ["taken", "taken"]


def deal_of(database: Database, tenant: Tenant) -> Any:
    with database.reading(tenant.id) as session:
        return find_deal(session, "5101")
