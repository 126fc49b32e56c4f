"""Stripe's page, the charge, and Stripe's news: tried again, given up, answers lost."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.clients import stripe_client
from app.billing.steps import KEY_LIFE
from app.messages import Claimed
from app.models import Connection, Purchase, Step
from app.reasons import Reason
from tests.support.house import House
from tests.values import make_claimed
from workers.handlers import stripe_open_page

PAGE = "/v1/checkout/sessions"
# The calls that move a one-off purchase from method to money, in their order.
ONE_OFF = (
    "/v1/invoices",
    "/v1/invoices/*/add_lines",
    "/v1/invoices/*/finalize",
    "/v1/invoices/*/pay",
)
FAULTS: dict[str, dict[str, Any]] = {
    "cut before": {"cut": "before"},
    "cut after": {"cut": "after"},
    "slow down": {"status": 429},
    "away": {"status": 503},
}


def each_fault(often: dict[str, str]) -> pytest.MarkDecorator:
    """Every call with every fault; the normal run has the fault that is named for the call."""
    crossed = [
        pytest.param(path, fault, marks=[pytest.mark.long] if often[path] != name else [])
        for path in often
        for name, fault in FAULTS.items()
    ]
    return pytest.mark.parametrize(("path", "fault"), crossed)


def test_page_is_open_after_the_acceptance(house: House) -> None:
    purchase = house.accepted("5101")

    session = house.stripe("checkout.session")[0]
    assert purchase.stripe_page_url == session["url"]
    assert session["mode"] == "setup"
    assert session["customer"] == purchase.stripe_customer_id
    assert session["metadata"]["propale_purchase"] == purchase.public_id


def test_country_is_a_code_at_stripe_and_words_for_people(house: House) -> None:
    proposal = house.sent("5104")

    house.accept(proposal)

    assert house.stripe("customer")[0]["address"]["country"] == "GB"
    assert proposal.document["company"]["country"] == "United Kingdom"


def test_page_asked_again_stays_one(house: House) -> None:
    purchase = house.accepted("5101")

    house.ask_again(purchase)
    house.again("stripe.open_page")

    assert [s["status"] for s in house.stripe("checkout.session")].count("open") == 1
    assert len(house.stripe("customer")) == 1


@pytest.mark.parametrize("path", ["/v1/customers", PAGE])
@pytest.mark.parametrize("cut", ["after", pytest.param("before", marks=pytest.mark.long)])
def test_lost_answer_opens_one_page(house: House, path: str, cut: str) -> None:
    proposal = house.sent("5101")
    house.fail("stripe", method="POST", path=path, cut=cut)
    purchase = house.accept(proposal)

    house.retry()

    assert house.purchase(purchase.id).stripe_page_url
    assert len(house.stripe("customer")) == len(house.stripe("checkout.session")) == 1


@pytest.mark.parametrize("status", [429, 500])
def test_stripe_away_opens_the_page_later(house: House, status: int) -> None:
    proposal = house.sent("5101")
    house.fail("stripe", method="POST", path=PAGE, status=status)
    purchase = house.accept(proposal)

    house.retry()

    assert purchase.stripe_page_url == ""
    assert house.purchase(purchase.id).stripe_page_url


def test_refused_page_is_dead_and_said(house: House) -> None:
    proposal = house.sent("5101")
    body = {"error": {"type": "invalid_request_error", "message": "No such locale."}}
    house.fail("stripe", method="POST", path=PAGE, status=400, body=body)

    purchase = house.accept(proposal)

    assert house.message("stripe.open_page").status == "dead"
    assert "No such locale." in house.message("stripe.open_page").last_error
    assert "(Stripe a refusé la demande, code 400.)" in purchase.problem
    assert house.deal("5101")["propale_problem"] == purchase.problem
    assert house.view("5101")["message"] == purchase.problem


def test_page_can_be_asked_for_after_a_refusal(house: House) -> None:
    proposal = house.sent("5101")
    house.fail("stripe", method="POST", path=PAGE, status=400)
    purchase = house.accept(proposal)

    again = house.ask_again(purchase)

    assert again.stripe_page_url
    assert again.problem == ""


def test_expired_page_is_replaced(house: House) -> None:
    purchase = house.accepted("5101")
    with house.runtime.database.writing(house.tenant_id) as session:
        session.get_one(Purchase, purchase.id).page_expires_at = purchase.accepted_at

    again = house.ask_again(purchase)

    assert again.stripe_page_url != purchase.stripe_page_url
    assert [s["status"] for s in house.stripe("checkout.session")] == ["expired", "open"]


def test_page_of_an_older_number_does_not_replace_the_newer(house: House) -> None:
    purchase = house.accepted("5101")
    asked = claim(house, purchase, page_number=purchase.page_number + 1)
    with house.runtime.database.writing(house.tenant_id) as session:
        row = session.get_one(Purchase, purchase.id)
        row.page_number, row.stripe_page_url = asked.payload["page_number"], ""
    late = stripe_open_page.work(house.runtime, asked)

    newer = house.ask_again(purchase, "sepa_debit")
    with house.runtime.database.writing(house.tenant_id) as session:
        late(session)

    assert newer.stripe_page_url
    assert house.purchase(purchase.id).stripe_page_url == newer.stripe_page_url
    assert house.purchase(purchase.id).stripe_session_id == newer.stripe_session_id


def test_death_of_an_older_page_is_no_problem_of_the_newer(house: House) -> None:
    purchase = house.accepted("5101")
    older = claim(house, purchase, page_number=purchase.page_number)
    house.ask_again(purchase, "sepa_debit")

    with house.runtime.database.writing(house.tenant_id) as session:
        stripe_open_page.when_dead(
            session, older, Reason("stripe.invalid_api_key", vendor="stripe")
        )

    assert house.purchase(purchase.id).problem == ""


def claim(house: House, purchase: Purchase, **payload: Any) -> Claimed:
    return make_claimed(
        kind="stripe.open_page",
        tenant_id=house.tenant_id,
        payload={"purchase_id": purchase.id, **payload},
        operation_key=f"{purchase.id}:a page of its own",
    )


def test_page_counts_as_closed_an_hour_before_stripe_closes_it(house: House) -> None:
    purchase = house.accepted("5101")

    closes = house.stripe("checkout.session")[0]["expires_at"]
    assert purchase.page_expires_at is not None
    assert 3000 < closes - purchase.page_expires_at.timestamp() < 3660


def test_other_method_replaces_the_page(house: House) -> None:
    purchase = house.accepted("5101")

    again = house.ask_again(purchase, "sepa_debit")

    assert again.method == "sepa_debit"
    assert house.stripe("checkout.session")[1]["payment_method_types"] == ["sepa_debit"]


@each_fault(
    {"/v1/invoices/create_preview": "slow down", "/v1/subscriptions": "cut after"},
)
def test_recurring_charge_has_one_effect(house: House, path: str, fault: dict[str, str]) -> None:
    purchase = house.accepted("5103", recipient="1104")
    house.fail("stripe", method="POST", path=path, **fault)
    house.enter(purchase)
    house.settle()

    house.retry()

    assert house.purchase(purchase.id).status == "paid"
    assert len(house.stripe("subscription")) == len(house.stripe("charge")) == 1
    assert len(house.posts()) == 2


@each_fault(dict(zip(ONE_OFF, ("cut after", "cut before", "away", "cut after"), strict=True)))
def test_one_off_charge_has_one_effect(house: House, path: str, fault: dict[str, str]) -> None:
    purchase = house.accepted("5102")
    house.fail("stripe", method="POST", path=path, **fault)
    house.enter(purchase)
    house.settle()

    house.retry()

    assert house.purchase(purchase.id).status == "paid"
    assert len(house.stripe("invoice")) == len(house.stripe("charge")) == 1
    assert house.stripe("charge")[0]["amount"] == 79_746
    assert house.open_errors() == []


@pytest.mark.parametrize(("deal", "paths"), [("5101", ("/v1/subscriptions",)), ("5102", ONE_OFF)])
def test_error_stripe_keeps_for_a_day_costs_minutes(
    house: House, deal: str, paths: tuple[str, ...]
) -> None:
    purchase = house.accepted(deal)
    for path in paths:
        house.fail("stripe", method="POST", path=path, status=500)
    house.enter(purchase)

    for _ in paths:
        house.settle()
        grow_old(house)
        house.retry()

    assert house.purchase(purchase.id).status == "paid"
    assert len(house.stripe("charge")) == 1


def grow_old(house: House) -> None:
    """Let the steps that are under way be older than a key is repeated."""
    with house.runtime.database.writing(house.tenant_id) as session:
        for step in session.scalars(select(Step).where(Step.done_at.is_(None))):
            step.begun_at -= KEY_LIFE + timedelta(seconds=1)


def test_every_money_write_carries_a_kept_key(house: House) -> None:
    house.buy("5102")

    entries = house.sandbox.world.journal.entries("stripe")
    writes = [e for e in entries if e["method"] == "POST" and "create_preview" not in e["path"]]
    ours = [e for e in writes if e["path"].startswith("/v1/")]
    keys = [e["headers"].get("Idempotency-Key", "") for e in ours]
    assert ours
    assert all(keys)
    assert len(set(keys)) == len(keys)


def test_two_databases_on_one_account_never_share_a_key(house: House) -> None:
    for name in ("first-database", "second-database"):
        with house.runtime.database.writing(house.tenant_id) as session:
            session.get_one(Connection, house.connection("stripe").id).public_id = name
        stripe = stripe_client(house.runtime, house.tenant_id)
        stripe.create_product("Poste", {}, "product:1:1")

    assert len(house.stripe("product")) == 2


def test_refused_charge_holds_and_tells_the_rep(house: House) -> None:
    purchase = house.accepted("5101")
    body = {"error": {"type": "invalid_request_error", "message": "No such price."}}
    house.fail("stripe", method="POST", path="/v1/subscriptions", status=400, body=body)
    house.enter(purchase)

    house.settle()

    assert house.message("stripe.start_billing").status == "dead"
    assert house.purchase(purchase.id).status == "held"
    assert "No such price." in house.message("stripe.start_billing").last_error
    assert "(Stripe a refusé la demande, code 400.)" in house.purchase(purchase.id).problem
    assert house.message("email.rep_held").status == "done"
    assert house.stripe("charge") == []


def test_refused_second_method_is_told_too(house: House) -> None:
    purchase = house.bought("5101", "card_declined")
    again = house.ask_again(purchase)
    body = {"error": {"type": "invalid_request_error", "message": "This invoice was voided."}}
    house.fail("stripe", method="POST", path="/v1/invoices/*/pay", status=400, body=body)
    house.enter(again)

    house.settle()

    assert "Stripe a refusé la demande" in house.deal("5101")["propale_problem"]
    assert house.message("email.rep_held").status == "done"


@pytest.mark.parametrize("status", [429, pytest.param(500, marks=pytest.mark.long), 503])
def test_news_that_cannot_be_read_waits(house: House, status: int) -> None:
    purchase = house.bought("5101", "sepa_ok", "sepa_debit")
    house.fail("stripe", method="GET", path="/v1/invoices/*", status=status, times=20)
    house.pass_time(days=6)
    waiting = house.purchase(purchase.id).status
    house.sandbox.world.faults.clear()

    house.sandbox.world.faults.clear()
    house.retry()

    assert waiting == "pending"
    assert house.purchase(purchase.id).status == "paid"


def test_news_refused_for_good_is_a_dead_letter(house: House) -> None:
    house.bought("5101", "sepa_ok", "sepa_debit")
    house.fail("stripe", method="GET", path="/v1/invoices/*", status=400)

    house.pass_time(days=6)

    assert [m.kind for m in house.messages(status="dead")] == ["inbox.stripe"]


def test_news_of_strangers_objects_is_ignored(house: House) -> None:
    house.bought("5101")
    invoice = {**house.stripe("invoice")[0], "id": "in_other", "metadata": {}, "parent": None}
    event = {**house.events()[-1], "id": "evt_other", "data": {"object": invoice}}

    house.post_event(event)
    house.settle()

    message = house.message("inbox.stripe")
    assert (message.status, message.last_error) == ("ignored", "an object that is not ours")


def test_cancelled_subscription_is_followed(house: House) -> None:
    from sandbox.stripe.subscriptions import end  # noqa: PLC0415

    purchase = house.bought("5101")
    books = house.books()
    with house.sandbox.world.store.lock:
        end(books, books.get("subscription", purchase.stripe_subscription_id or ""), "canceled")

    house.settle()

    assert house.purchase(purchase.id).status == "cancelled"
    assert house.deal("5101")["propale_payment_status"] == "cancelled"


def test_event_before_our_commit_changes_nothing(house: House) -> None:
    purchase = house.accepted("5101")
    house.enter(purchase)
    claimed = house.events()[-1]["type"]

    house.fail("stripe", method="POST", path="/v1/subscriptions", cut="after")
    house.settle()
    early = house.purchase(purchase.id).status
    house.retry()

    assert claimed == "checkout.session.completed"
    assert early == "paid"
    assert (
        house.purchase(purchase.id).stripe_subscription_id == house.stripe("subscription")[0]["id"]
    )
    assert len(house.stripe("charge")) == 1


def test_lost_decline_of_a_subscription_is_one_charge(house: House) -> None:
    purchase = house.accepted("5101")
    house.fail("stripe", method="POST", path="/v1/subscriptions", cut="after")
    house.enter(purchase, "card_declined")
    house.settle()

    house.retry()

    assert house.purchase(purchase.id).status == "failed"
    assert len(house.stripe("charge")) == 1
    assert [m.kind for m in house.messages()].count("email.payment_failed") == 1


def event_of_page(house: House, purchase: Purchase) -> dict[str, Any]:
    """Stripe's event that this purchase's page is complete, under another id: it comes again."""
    page = purchase.stripe_session_id
    told = [e for e in house.events() if e["data"]["object"]["id"] == page]
    return {**told[0], "id": f"{told[0]['id']}late"}


def test_page_billed_before_is_not_billed_after_another(house: House) -> None:
    first = house.bought("5101", "card_declined")
    second = house.ask_again(first)
    house.enter(second, "card_declined")
    house.settle()
    charges = len(house.stripe("charge"))

    house.post_event(event_of_page(house, first))
    house.settle()

    assert house.purchase(first.id).status == "failed"
    assert len(house.stripe("charge")) == charges == 2


def test_page_billed_before_is_not_billed_after_the_bank_page(house: House) -> None:
    first = house.bought("5101", "card_declined")
    with house.runtime.database.writing(house.tenant_id) as session:
        # She tried another card on Stripe's own invoice page, and we heard of it.
        session.get_one(Purchase, first.id).stripe_payment_method_id = "pm_of_the_invoice_page"

    house.post_event(event_of_page(house, first))
    house.settle()

    assert len(house.stripe("charge")) == 1


def test_given_up_page_is_not_read_again(house: House) -> None:
    purchase = house.accepted("5101")
    house.fail("stripe", method="POST", path="/v1/subscriptions", status=400)
    house.enter(purchase)
    house.settle()

    house.post_event(event_of_page(house, purchase))
    house.come_back(purchase)
    house.settle()

    assert house.purchase(purchase.id).status == "held"
    assert house.stripe("subscription") == []
