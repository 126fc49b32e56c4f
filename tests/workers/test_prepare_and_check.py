"""From the click to the mail: the deal read afresh, Stripe asked, the request answered."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.billing.mirrors import MirrorKey, buyer_of, keep_mirror
from app.clock import wall_now
from app.models import PortalTaxRate, Proposal, ProposalRequest, StripeMirror, Tenant
from sandbox.hubspot import records
from sandbox.stripe import discounts
from sandbox.stripe.accounts import switch
from tests.support.house import House
from workers.jobs import BUG_TRIES

DEAL = "/crm/objects/2026-09/deals/5101"
PREVIEW = "/v1/invoices/create_preview"


def request_of(house: House) -> ProposalRequest:
    return house.read(lambda session: session.query(ProposalRequest).all()[-1])


def click(house: House, deal: str = "5101") -> None:
    assert house.click(deal).status_code == 202


def test_click_becomes_a_frozen_proposal_in_the_mail(house: House) -> None:
    click(house)

    house.settle()

    proposal = house.proposal("5101")
    mail = house.mails()[0]
    assert proposal.status == "sent"
    assert proposal.number in mail["text"]
    assert proposal.due_now_minor == 54_000
    assert proposal.methods == ["card", "sepa_debit"]
    assert house.deal("5101")["propale_status"] == "sent"
    assert house.deal("5101")["dealstage"] == "contractsent"


def test_prepared_again_makes_no_second_proposal(house: House) -> None:
    click(house)
    house.settle()

    house.again("hubspot.prepare_proposal")
    house.again("stripe.check_proposal")

    assert len(house.mails()) == 1
    assert len(house.messages("stripe.check_proposal")) == 1


@pytest.mark.parametrize("status", [429, pytest.param(500, marks=pytest.mark.long), 503])
def test_hubspot_away_then_back_sends(house: House, status: int) -> None:
    click(house)
    house.fail("hubspot", method="GET", path=DEAL, status=status)
    house.settle()
    waiting = house.message("hubspot.prepare_proposal").status

    house.retry()

    assert waiting == "pending"
    assert house.proposal("5101").status == "sent"
    assert len(house.mails()) == 1


def test_hubspot_refusing_refuses_with_a_sentence(house: House) -> None:
    click(house)
    house.fail("hubspot", method="GET", path=DEAL, status=400)

    house.settle()

    view = house.view("5101")
    assert house.message("hubspot.prepare_proposal").status == "dead"
    assert view["state"] == "problem"
    assert view["message"].startswith("La proposition n’a pas pu être préparée")
    assert "HubSpot" in view["message"]
    assert view["offers"]
    assert house.mails() == []


@pytest.mark.parametrize("path", [DEAL, PREVIEW])
def test_click_that_waited_for_days_sends_nothing(house: House, path: str) -> None:
    click(house)
    house.fail("hubspot" if path == DEAL else "stripe", path=path, status=503)
    house.settle()
    with house.runtime.database.writing(house.tenant_id) as session:
        request = session.get_one(ProposalRequest, request_of(house).id)
        request.requested_at -= timedelta(days=1)

    house.retry()

    view = house.view("5101")
    assert (view["state"], house.mails()) == ("problem", [])
    assert view["message"].startswith("La demande a attendu plus d’un jour")
    assert view["offers"]


def test_error_of_ours_is_not_laid_at_hubspots_door(house: House) -> None:
    click(house)
    with house.runtime.database.writing(house.tenant_id) as session:
        session.get_one(Tenant, house.tenant_id).time_zone = "Nowhere/At_All"

    for _ in range(BUG_TRIES):
        house.retry()

    refusal = request_of(house).refusal
    assert house.message("hubspot.prepare_proposal").status == "dead"
    assert refusal.startswith("La proposition n’a pas pu être préparée")
    assert "HubSpot" not in refusal


def test_deal_deleted_after_the_click_is_refused(house: House) -> None:
    click(house)
    records.archive(house.sandbox.world, "148111", "deals", "5101")

    house.settle()

    assert request_of(house).status == "refused"
    assert "introuvable" in request_of(house).refusal


def test_owner_who_left_does_not_stop_the_deal(house: House) -> None:
    records.update(
        house.sandbox.world,
        "148111",
        "deals",
        "5101",
        {"hubspot_owner_id": "9999"},
        source="CRM_UI",
    )

    house.send("5101")

    assert house.proposal("5101").rep_email == "dana@maison.example"


@pytest.mark.parametrize(
    ("kind", "key", "values"),
    [
        ("line_items", "8101", {"price": "451.00"}),
        ("contacts", "1101", {"email": "jeanne@ailleurs.example"}),
        ("line_items", "8101", {"name": "Autre chose"}),
    ],
)
def test_deal_changed_since_shown_sends_nothing(
    house: House, kind: str, key: str, values: dict[str, Any]
) -> None:
    click(house)
    records.update(house.sandbox.world, "148111", kind, key, values, source="CRM_UI")

    house.settle()

    view = house.view("5101")
    assert view["state"] == "problem"
    assert "a changé" in view["message"]
    assert len(view["offers"]) == 1
    assert house.mails() == []
    assert house.deal("5101")["propale_problem"] == view["message"]


def test_new_button_after_a_change_sends(house: House) -> None:
    click(house)
    records.update(
        house.sandbox.world, "148111", "line_items", "8101", {"price": "451.00"}, source="CRM_UI"
    )
    house.settle()

    click(house)
    house.settle()

    assert house.proposal("5101").due_now_minor == 54_120
    assert house.deal("5101").get("propale_problem", "") == ""


def test_deal_no_longer_ready_lists_problems(house: House) -> None:
    click(house)
    records.update(
        house.sandbox.world, "148111", "contacts", "1101", {"email": "x"}, source="CRM_UI"
    )

    house.settle()

    view = house.view("5101")
    assert view["state"] == "not_ready"
    assert [problem["code"] for problem in view["problems"]] == ["email_malformed"]


@pytest.mark.parametrize("status", [429, 500])
def test_stripe_away_then_back_sends(house: House, status: int) -> None:
    click(house)
    house.fail("stripe", path=PREVIEW, status=status)
    house.settle()
    waiting = house.message("stripe.check_proposal").status

    house.retry()

    assert waiting == "pending"
    assert house.proposal("5101").status == "sent"


def test_stripe_refusing_refuses_with_a_sentence(house: House) -> None:
    click(house)
    body = {"error": {"type": "invalid_request_error", "message": "No such tax rate."}}
    house.fail("stripe", path=PREVIEW, status=400, body=body)

    house.settle()

    view = house.view("5101")
    assert house.message("stripe.check_proposal").status == "dead"
    assert view["state"] == "problem"
    assert "No such tax rate." in house.message("stripe.check_proposal").last_error
    assert view["message"].endswith("(Stripe a refusé la demande, code 400.)")
    assert house.mails() == []


def another_tax(house: House) -> None:
    """Stripe's own rate was changed in its table: it computes another sum."""
    for rate in house.stripe("tax_rate"):
        house.books().save({**rate, "percentage": 19.6})


def test_other_sum_at_stripe_names_both_figures(house: House) -> None:
    click(house)
    house.fail("stripe", path=PREVIEW, status=503)
    house.settle()
    another_tax(house)

    house.retry()

    view = house.view("5101")
    assert view["state"] == "problem"
    assert "538,20" in view["message"]
    assert "540,00" in view["message"]
    assert house.mails() == []
    assert request_of(house).status == "refused"


def test_refused_draft_leaves_a_gap_in_the_numbers(house: House) -> None:
    click(house)
    house.fail("stripe", path=PREVIEW, status=400)
    house.settle()

    proposal = house.send("5101")

    assert proposal.number.endswith("-0002")


@pytest.mark.parametrize("path", ["/v1/products", "/v1/tax_rates"])
@pytest.mark.parametrize("cut", ["after", pytest.param("before", marks=pytest.mark.long)])
def test_lost_answer_makes_one_catalogue_object(house: House, path: str, cut: str) -> None:
    click(house)
    house.fail("stripe", method="POST", path=path, cut=cut)
    house.settle()

    house.retry()

    assert house.proposal("5101").status == "sent"
    assert len(house.stripe("product")) == len(house.stripe("tax_rate")) == 1


def test_no_method_switched_on_is_refused(house: House) -> None:
    click(house)
    switch(house.books(), set())

    house.settle()

    assert house.view("5101")["message"].startswith("Aucun moyen de paiement")


@pytest.mark.parametrize(
    ("on", "deal", "methods"),
    [
        ({"sepa_debit"}, "5101", ["sepa_debit"]),
        ({"card"}, "5101", ["card"]),
        ({"card", "sepa_debit"}, "5104", ["card"]),
    ],
)
def test_offered_methods_are_the_accounts_own(
    house: House, on: set[str], deal: str, methods: list[str]
) -> None:
    switch(house.books(), on)

    assert house.send(deal).methods == methods


def test_stranger_with_her_address_gets_no_ones_account(house: House) -> None:
    key = "stranger"
    books = house.books()
    customer = {**blank_customer(house), "id": f"cus_{key}", "metadata": {}}
    books.save(customer)

    purchase = house.buy("5101")

    assert purchase.stripe_customer_id != customer["id"]
    assert [w["code"] for w in house.view("5101")["warnings"]] == ["email_known"]


def test_own_metadata_makes_a_customer_ours(house: House) -> None:
    first = house.bought("5101")
    end_proposal(house, first.proposal_id)
    with house.runtime.database.writing(house.tenant_id) as session:
        session.query(StripeMirror).filter(StripeMirror.kind == "customer").delete()

    second = house.buy("5101")

    assert second.stripe_customer_id == first.stripe_customer_id
    assert len(house.stripe("customer")) == 1


def blank_customer(house: House) -> dict[str, Any]:
    """A customer of the account that nobody of ours made."""
    from sandbox.stripe.customers import create  # noqa: PLC0415

    books = house.books()
    made = create(books, {"email": "jeanne@atelier-martin.example", "name": "J. Martin"})
    books.table("customer").pop(made["id"])
    return dict(made)


def lower(house: House) -> None:
    customer = house.stripe("customer")[0]
    house.books().save({**customer, "balance": -500})


def discount(house: House) -> None:
    discounts.give(house.books(), house.stripe("customer")[0]["id"], percent_off="5")


@pytest.mark.parametrize(("change", "state"), [(lower, "sent"), (discount, "refused")])
def test_known_customers_credit_is_seen(
    house: House, change: Callable[[House], None], state: str
) -> None:
    purchase = house.bought("5101")
    end_proposal(house, purchase.proposal_id)
    change(house)

    click(house)
    house.settle()

    assert request_of(house).status == state
    warnings = [warning["code"] for warning in house.view("5101")["warnings"]]
    assert "customer_credit" in warnings


@pytest.mark.parametrize(("account", "warns"), [("acct_sandbox0001", True), ("acct_old", False)])
def test_credit_counts_on_the_connected_account_only(
    house: House, account: str, *, warns: bool
) -> None:
    proposal = house.sent("5101")
    end_proposal(house, proposal.id)
    key = MirrorKey(house.tenant_id, account, "customer", buyer_of(proposal.document))
    keep_mirror(house.runtime.database, key, "cus_1", has_credit=True)

    warnings = [warning["code"] for warning in house.view("5101")["warnings"]]

    assert ("customer_credit" in warnings) == warns


def test_customer_deleted_at_stripe_is_made_anew(house: House) -> None:
    first = house.bought("5101")
    end_proposal(house, first.proposal_id)
    gone = house.stripe("customer")[0]
    house.books().save({**gone, "deleted": True, "email": None})

    second = house.buy("5101")

    assert second.status == "paid"
    assert second.stripe_customer_id not in ("", gone["id"])


@pytest.mark.parametrize(("hours", "readings"), [(23, 0), (25, 1)])
def test_tax_rates_of_yesterday_are_read_again(house: House, hours: int, readings: int) -> None:
    house.view("5101")
    with house.runtime.database.writing(house.tenant_id) as session:
        session.execute(update(PortalTaxRate).values(read_at=wall_now() - timedelta(hours=hours)))
    house.forget_calls()

    for _ in range(2):
        house.view("5101", again=True)

    assert sum("/tax-rates" in call for call in house.calls("hubspot")) == readings


def end_proposal(house: House, proposal_id: int) -> None:
    """Let the deal have its button back."""
    with house.runtime.database.writing(house.tenant_id) as session:
        session.get_one(Proposal, proposal_id).status = "expired"
