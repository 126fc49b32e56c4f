"""What the CRM shows of a deal: the newest proposal, pushed as a level."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.models import Deal, Message, Proposal, Purchase, StageFact
from app.proposals.crm_properties import deal_properties, properties_of_deals
from app.proposals.projection import note_stage, show_in_crm
from tests.factories import (
    make_deal,
    make_document,
    make_line,
    make_paid_invoice,
    make_proposal,
    make_purchase,
    make_request,
    make_tenant,
)
from tests.values import NOON

if TYPE_CHECKING:
    from app.db import Database
    from app.models import Tenant

URL = "https://propale.example"
NOON_MS = "1773140400000"


@pytest.fixture
def tenant(database: Database) -> Tenant:
    return make_tenant(database, stages={"sent": "contractsent"})


@pytest.fixture
def deal(database: Database, tenant: Tenant) -> Deal:
    return make_deal(database, tenant)


def properties(database: Database, deal: Deal) -> dict[str, str]:
    with database.reading(deal.tenant_id) as session:
        return deal_properties(session, session.get_one(Deal, deal.id), URL)


def change(database: Database, row: Any, **values: Any) -> None:
    with database.writing(row.tenant_id) as session:
        mine = session.get_one(type(row), row.id)
        for name, value in values.items():
            setattr(mine, name, value)


def test_deal_without_a_proposal_is_not_created(database: Database, deal: Deal) -> None:
    assert properties(database, deal) == {
        "propale_status": "not_created",
        "propale_problem": "",
    }


def test_refused_first_click_says_why(database: Database, deal: Deal) -> None:
    make_request(database, deal, status="refused", refusal="L'affaire a changé.")

    assert properties(database, deal)["propale_problem"] == "L'affaire a changé."


def test_sent_proposal_shows_its_figures(database: Database, tenant: Tenant, deal: Deal) -> None:
    fee = make_line(frequency="", price="150.00")
    content = make_document([make_line(), fee])
    proposal = make_proposal(database, tenant, deal=deal, content=content, sent_at=NOON)

    assert properties(database, deal) == {
        "propale_status": "sent",
        "propale_payment_status": "",
        "propale_number": proposal.number,
        "propale_link": f"{URL}/d/{proposal.public_id}",
        "propale_sent_at": NOON_MS,
        "propale_accepted_at": "",
        "propale_amount_due_now": "720.00",
        "propale_recurring_amount": "540.00",
        "propale_stripe_customer": "",
        "propale_stripe_subscription": "",
        "propale_last_invoice": "",
        "propale_problem": "",
    }


@pytest.mark.parametrize(("currency", "figure"), [("JPY", "540"), ("KWD", "0.540")])
def test_figures_follow_the_currency(
    database: Database, tenant: Tenant, deal: Deal, currency: str, figure: str
) -> None:
    make_proposal(database, tenant, deal=deal, currency=currency, due_now_minor=540)

    assert properties(database, deal)["propale_amount_due_now"] == figure


def test_one_off_has_no_recurring_amount(database: Database, tenant: Tenant, deal: Deal) -> None:
    content = make_document([make_line(frequency="")])
    make_proposal(database, tenant, deal=deal, content=content)

    assert properties(database, deal)["propale_recurring_amount"] == ""


def test_draft_shows_nothing_yet(database: Database, tenant: Tenant, deal: Deal) -> None:
    make_proposal(database, tenant, deal=deal, status="draft")

    shown = properties(database, deal)

    assert shown["propale_status"] == "not_created"
    assert {value for name, value in shown.items() if name != "propale_status"} == {""}


def test_purchase_shows_where_the_money_stands(
    database: Database, tenant: Tenant, deal: Deal
) -> None:
    purchase = make_purchase(
        database,
        make_proposal(database, tenant, deal=deal),
        status="paid",
        accepted_at=NOON,
        stripe_customer_id="cus_1",
        stripe_subscription_id="sub_1",
    )
    make_paid_invoice(database, purchase, number="F-0002", paid_at=NOON)
    make_paid_invoice(database, purchase, number="F-0001", paid_at=datetime(2026, 1, 1, tzinfo=UTC))

    shown = properties(database, deal)

    assert (shown["propale_status"], shown["propale_payment_status"]) == ("accepted", "paid")
    assert shown["propale_accepted_at"] == NOON_MS
    assert shown["propale_stripe_customer"] == "cus_1"
    assert shown["propale_stripe_subscription"] == "sub_1"
    assert shown["propale_last_invoice"] == "F-0002"


def test_newest_proposal_is_shown(database: Database, tenant: Tenant, deal: Deal) -> None:
    make_proposal(database, tenant, deal=deal, status="declined")
    newest = make_proposal(database, tenant, deal=deal)

    assert properties(database, deal)["propale_number"] == newest.number


def test_most_pressing_problem_is_shown(database: Database, tenant: Tenant, deal: Deal) -> None:
    purchase = make_purchase(database, make_proposal(database, tenant, deal=deal))
    make_request(database, deal, status="refused", refusal="refused")
    assert properties(database, deal)["propale_problem"] == "refused"

    change(database, purchase, problem="held")
    assert properties(database, deal)["propale_problem"] == "held"

    change(database, deal, stage_problem="a rule of the portal")
    assert properties(database, deal)["propale_problem"] == "a rule of the portal"


def test_each_change_is_a_revision_with_its_push(database: Database, deal: Deal) -> None:
    for _ in range(2):
        with database.writing(deal.tenant_id) as session:
            show_in_crm(session, deal.id)

    with database.reading(deal.tenant_id) as session:
        pushes = session.scalars(select(Message).order_by(Message.id)).all()
        assert session.get_one(Deal, deal.id).revision == 2
    assert [push.payload["revision"] for push in pushes] == [1, 2]
    assert {push.subject for push in pushes} == {f"deal:{deal.id}"}


def test_change_sees_a_revision_made_elsewhere(database: Database, deal: Deal) -> None:
    with database.writing(deal.tenant_id) as session:
        held = session.get_one(Deal, deal.id)
        show_in_crm(session, deal.id)
        show_in_crm(session, deal.id)

        assert held.revision == 2


def test_stage_of_an_event_is_noted_once(database: Database, tenant: Tenant, deal: Deal) -> None:
    proposal = make_proposal(database, tenant, deal=deal)

    for event in ("sent", "sent", "accepted"):
        with database.writing(tenant.id) as session:
            note_stage(session, session.get_one(Proposal, proposal.id), event)

    with database.reading(tenant.id) as session:
        facts = session.scalars(select(StageFact)).all()
    assert [(fact.event, fact.stage_id, fact.status) for fact in facts] == [
        ("sent", "contractsent", "waiting")
    ]


def test_purchase_of_another_tenant_is_not_shown(database: Database, deal: Deal) -> None:
    other = make_tenant(database)
    theirs = make_deal(database, other, hubspot_deal_id=deal.hubspot_deal_id)
    purchase: Purchase = make_purchase(database, make_proposal(database, other, deal=theirs))

    assert purchase.tenant_id == other.id
    assert properties(database, deal)["propale_status"] == "not_created"


def test_last_invoice_is_the_newest_paid_not_the_last_heard_of(
    database: Database, tenant: Tenant, deal: Deal
) -> None:
    purchase = make_purchase(database, make_proposal(database, tenant, deal=deal))
    for number, days in (("F-1", 0), ("F-3", 62), ("F-2", 31)):
        paid_at = NOON + timedelta(days=days)
        make_paid_invoice(database, purchase, number=number, paid_at=paid_at)

    assert properties(database, deal)["propale_last_invoice"] == "F-3"


def test_many_deals_each_show_their_own(database: Database, tenant: Tenant) -> None:
    plain, paid, refused = (make_deal(database, tenant) for _ in range(3))
    make_proposal(database, tenant, deal=paid, status="expired")
    purchase = make_purchase(database, make_proposal(database, tenant, deal=paid))
    make_paid_invoice(database, purchase, number="SBX-1", paid_at=NOON - timedelta(days=1))
    make_paid_invoice(database, purchase, number="SBX-2", paid_at=NOON)
    make_request(database, refused, status="refused", refusal="Non.")
    deals = (plain, paid, refused)

    with database.reading(tenant.id) as session:
        rows = [session.get_one(Deal, deal.id) for deal in deals]
        together = properties_of_deals(session, rows, URL)

    assert together == {deal.id: properties(database, deal) for deal in deals}
    assert together[paid.id]["propale_last_invoice"] == "SBX-2"
    assert together[refused.id]["propale_problem"] == "Non."
    assert together[plain.id]["propale_problem"] == ""
