"""What Stripe says of invoices and subscriptions, in whatever order it is heard."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from app.billing.outcomes import apply_invoice, apply_subscription, hold
from app.billing.purchases import leading_invoice
from app.db import EVERY_TENANT, changed_rows
from app.models import Deal, Message, PaidInvoice, Proposal, Purchase, StageFact, Step
from tests.factories import make_proposal, make_purchase, make_tenant
from tests.values import NOON, make_invoice_state, make_subscription_state

if TYPE_CHECKING:
    from app.db import Database
    from app.models import Tenant
    from app.providers.stripe.answers import InvoiceState, SubscriptionState

MONTH = timedelta(days=31)
FIRST = {
    "failed": make_invoice_state(),
    "action": make_invoice_state(payment_status="requires_action", failure_code=None),
    "pending": make_invoice_state(payment_status="processing", failure_code=None),
    "paid": make_invoice_state(paid=True),
}
RENEWAL: dict[str, Any] = {
    "id": "in_2",
    "created_at": NOON + MONTH,
    "billing_reason": "subscription_cycle",
}
TOLD: dict[str, set[str]] = {
    "failed": {"email.payment_failed", "email.rep_failed"},
    "action": {"email.action_needed"},
    "pending": set(),
    "paid": {"email.invoice_paid", "slack.paid", "email.rep_paid"},
}


@pytest.fixture
def tenant(database: Database) -> Tenant:
    return make_tenant(database, stages={"paid": "closedwon"})


@pytest.fixture
def purchase(database: Database, tenant: Tenant) -> Purchase:
    return make_purchase(database, make_proposal(database, tenant))


def hear(database: Database, purchase: Purchase, *news: InvoiceState) -> Purchase:
    """Apply each in a transaction of its own and give the purchase as it stands then."""
    for invoice in news:
        with database.writing(purchase.tenant_id) as session:
            apply_invoice(session, session.get_one(Purchase, purchase.id), invoice, NOON)
    return now_of(database, purchase)


def hear_and_read(database: Database, purchase: Purchase, *news: InvoiceState) -> Purchase:
    """The same, with the reading again that is asked for where a renewal came before the first."""
    heard: dict[str, InvoiceState] = {}
    for invoice in news:
        heard[invoice.id] = invoice
        found = hear(database, purchase, invoice)
        if asked_to_read(database):
            hear(database, purchase, heard[leading_invoice(found)])
    return now_of(database, purchase)


def asked_to_read(database: Database) -> bool:
    """Whether a reading is asked for; it counts as done after that."""
    asked = update(Message).where(Message.kind == "stripe.read_invoice", Message.status != "done")
    with database.writing(EVERY_TENANT) as session:
        return changed_rows(session, asked.values(status="done")) > 0


def hear_subscription(database: Database, purchase: Purchase, *news: SubscriptionState) -> Purchase:
    for subscription in news:
        with database.writing(purchase.tenant_id) as session:
            row = session.get_one(Purchase, purchase.id)
            apply_subscription(session, row, subscription, NOON)
    return now_of(database, purchase)


def now_of(database: Database, purchase: Purchase) -> Purchase:
    with database.reading(purchase.tenant_id) as session:
        return session.get_one(Purchase, purchase.id)


def told(database: Database, purchase: Purchase) -> list[str]:
    """The kinds of all mails and Slack messages about this purchase, in order."""
    with database.reading(purchase.tenant_id) as session:
        rows = session.scalars(select(Message).order_by(Message.id)).all()
    about = {"proposal_id": purchase.proposal_id}
    return [row.kind for row in rows if about.items() <= row.payload.items()]


def paid_invoices(database: Database, purchase: Purchase) -> list[PaidInvoice]:
    with database.reading(purchase.tenant_id) as session:
        mine = select(PaidInvoice).where(PaidInvoice.purchase_id == purchase.id)
        return list(session.scalars(mine.order_by(PaidInvoice.id)))


def revision(database: Database, purchase: Purchase) -> int:
    with database.reading(purchase.tenant_id) as session:
        proposal = session.get_one(Proposal, purchase.proposal_id)
        return session.get_one(Deal, proposal.deal_id).revision


@pytest.mark.parametrize(
    ("news", "status"),
    [
        ("failed", "failed"),
        ("action", "action_needed"),
        ("pending", "pending"),
        ("paid", "paid"),
    ],
)
def test_first_invoice_moves_the_money_and_tells(
    database: Database, purchase: Purchase, news: str, status: str
) -> None:
    found = hear(database, purchase, FIRST[news])

    assert found.status == status
    assert set(told(database, purchase)) == TOLD[news]
    assert (found.stripe_invoice_id, found.hosted_invoice_url) == (
        "in_1",
        "https://invoice.example/in_1",
    )


@pytest.mark.parametrize("news", FIRST)
def test_same_news_again_changes_nothing(database: Database, purchase: Purchase, news: str) -> None:
    hear(database, purchase, FIRST[news])
    before = (told(database, purchase), revision(database, purchase))

    hear(database, purchase, FIRST[news], FIRST[news])

    assert (told(database, purchase), revision(database, purchase)) == before
    assert len(paid_invoices(database, purchase)) == (news == "paid")


def test_any_order_of_news_ends_paid_and_told_once(database: Database, tenant: Tenant) -> None:
    for order in permutations(FIRST):
        proposal = make_proposal(database, tenant)
        purchase = make_purchase(database, proposal)

        found = hear(
            database,
            purchase,
            *[make_invoice_state_of(news, f"in_{proposal.id}") for news in order],
        )

        assert found.status == "paid", order
        assert found.first_paid_at == NOON, order
        assert len(paid_invoices(database, purchase)) == 1, order
        said = told(database, purchase)
        assert len(said) == len(set(said)), order
        assert set(said) >= TOLD["paid"], order


def make_invoice_state_of(news: str, invoice_id: str) -> InvoiceState:
    known = FIRST[news]
    return make_invoice_state(
        id=invoice_id,
        paid=known.status == "paid",
        payment_status=known.payment_status,
        failure_code=known.failure_code,
    )


@pytest.mark.parametrize("late", ["failed", "action", "pending"])
def test_late_news_of_a_paid_invoice_changes_nothing(
    database: Database, purchase: Purchase, late: str
) -> None:
    hear(database, purchase, FIRST["paid"])
    before = (told(database, purchase), revision(database, purchase))

    found = hear(database, purchase, FIRST[late])

    assert found.status == "paid"
    assert (told(database, purchase), revision(database, purchase)) == before


def test_first_payment_is_a_stage_fact_once(database: Database, purchase: Purchase) -> None:
    hear(database, purchase, FIRST["paid"], make_invoice_state(paid=True, **RENEWAL))

    with database.reading(purchase.tenant_id) as session:
        facts = session.scalars(select(StageFact)).all()
    assert [(fact.event, fact.stage_id) for fact in facts] == [("paid", "closedwon")]


def test_paid_invoice_keeps_what_the_receipt_needs(database: Database, purchase: Purchase) -> None:
    hear(database, purchase, FIRST["paid"])

    [kept] = paid_invoices(database, purchase)
    assert (kept.number, kept.paid_at) == ("F-0001", NOON)
    assert kept.content["currency"] == "EUR"
    assert kept.content["total_minor"] == 54_000
    assert kept.content["pdf_url"] == "https://invoice.example/in_1/pdf"


def test_each_renewal_is_mailed_and_first_facts_are_not_repeated(
    database: Database, purchase: Purchase
) -> None:
    found = hear(database, purchase, FIRST["paid"], make_invoice_state(paid=True, **RENEWAL))

    assert found.status == "paid"
    said = told(database, purchase)
    assert said.count("email.invoice_paid") == 2
    assert (said.count("slack.paid"), said.count("email.rep_paid")) == (1, 1)


def test_invoices_paid_in_the_other_order_end_the_same(
    database: Database, purchase: Purchase
) -> None:
    found = hear(database, purchase, make_invoice_state(paid=True, **RENEWAL), FIRST["paid"])

    assert found.status == "paid"
    assert len(paid_invoices(database, purchase)) == 2
    assert told(database, purchase).count("slack.paid") == 1


def test_failed_renewal_is_past_due_until_paid(database: Database, purchase: Purchase) -> None:
    hear(database, purchase, FIRST["paid"])

    failed = hear(database, purchase, make_invoice_state(**RENEWAL))
    assert failed.status == "past_due"
    assert {"email.renewal_failed", "email.rep_renewal_failed"} <= set(told(database, purchase))

    assert hear(database, purchase, make_invoice_state(paid=True, **RENEWAL)).status == "paid"


FIRST_AND_RENEWAL = {
    "first failed": make_invoice_state(billing_reason="subscription_create"),
    "first paid": make_invoice_state(paid=True, billing_reason="subscription_create"),
    "renewal failed": make_invoice_state(**RENEWAL),
    "renewal paid": make_invoice_state(paid=True, **{**RENEWAL, "paid_at": NOON + MONTH}),
}
ORDERS = [
    order
    for heard in (
        ("first paid", "renewal failed"),
        ("first paid", "renewal failed", "renewal paid"),
        ("first failed", "first paid", "renewal failed"),
    )
    for order in permutations(heard)
]


@pytest.mark.parametrize("order", ORDERS, ids=", ".join)
def test_first_and_renewal_end_the_same_in_any_order(
    database: Database, purchase: Purchase, order: tuple[str, ...]
) -> None:
    found = hear_and_read(database, purchase, *[FIRST_AND_RENEWAL[news] for news in order])

    assert found.status == ("paid" if "renewal paid" in order else "past_due")
    assert (found.stripe_invoice_id, found.first_paid_at) == ("in_1", NOON)
    assert len(paid_invoices(database, purchase)) == sum("paid" in news for news in order)
    assert told(database, purchase).count("slack.paid") == 1


@pytest.mark.parametrize("order", ORDERS, ids=", ".join)
def test_renewal_that_fails_is_never_told_as_the_first(
    database: Database, purchase: Purchase, order: tuple[str, ...]
) -> None:
    hear_and_read(database, purchase, *[FIRST_AND_RENEWAL[news] for news in order])

    said = told(database, purchase)
    failed_first = "first failed" in order[: order.index("first paid")]
    still_unpaid = "renewal paid" not in order
    assert still_unpaid <= said.count("email.rep_renewal_failed") <= 1
    assert said.count("email.rep_failed") == failed_first


def test_paid_renewal_leaves_the_unpaid_first_invoice_to_be_paid(
    database: Database, purchase: Purchase
) -> None:
    first, renewal = FIRST_AND_RENEWAL["first failed"], FIRST_AND_RENEWAL["renewal paid"]

    found = hear(database, purchase, first, renewal)

    assert (found.status, found.first_paid_at) == ("failed", None)
    assert (leading_invoice(found), found.hosted_invoice_url) == (first.id, first.hosted_url)
    said = told(database, purchase)
    assert (said.count("email.invoice_paid"), said.count("slack.paid")) == (1, 0)


def test_renewal_on_its_way_is_no_news(database: Database, purchase: Purchase) -> None:
    sepa = make_invoice_state(payment_status="processing", failure_code=None, **RENEWAL)

    assert hear(database, purchase, FIRST["paid"], sepa).status == "paid"


def test_older_invoice_does_not_speak_over_a_newer(database: Database, purchase: Purchase) -> None:
    older = make_invoice_state(id="in_0", created_at=NOON - MONTH)

    found = hear(database, purchase, FIRST["paid"], older)

    assert found.status == "paid"
    assert found.hosted_invoice_url == "https://invoice.example/in_1"


def test_invoice_that_credit_settled_is_told_as_nothing_received(
    database: Database, purchase: Purchase
) -> None:
    """Credit given in the instant between our last look and Stripe's finalizing."""
    settled = make_invoice_state(paid=True, amount_due_minor=0, amount_paid_minor=0)

    found = hear(database, purchase, settled)

    with database.reading(purchase.tenant_id) as session:
        told = session.scalars(select(Message).where(Message.provider == "email")).all()
        kept = session.scalars(select(PaidInvoice)).one().content
    assert found.status == "paid"
    assert {message.kind for message in told} == {"email.invoice_paid", "email.rep_paid"}
    assert {(m.payload["invoice_minor"], m.payload["paid_minor"]) for m in told} == {(54_000, 0)}
    assert (kept["total_minor"], kept["paid_minor"]) == (54_000, 0)


def test_draft_of_the_next_month_does_not_hide_the_unpaid_one(
    database: Database, purchase: Purchase
) -> None:
    unpaid = make_invoice_state(**RENEWAL)
    later = {"id": "in_3", "status": "draft", "created_at": NOON + 2 * MONTH, "hosted_url": None}
    draft = make_invoice_state(**{**RENEWAL, **later, "payment_status": None, "failure_code": None})

    found = hear(database, purchase, FIRST["paid"], unpaid, draft)

    assert found.status == "past_due"
    assert (found.newest_invoice_id, found.hosted_invoice_url) == (unpaid.id, unpaid.hosted_url)


def test_invoice_whose_charge_is_still_to_come_is_no_news(
    database: Database, purchase: Purchase
) -> None:
    found = hear(database, purchase, make_invoice_state(failure_code=None))

    assert (found.status, found.stripe_invoice_id) == ("awaiting_method", None)
    assert told(database, purchase) == []


def test_second_method_that_fails_is_told_again(database: Database, purchase: Purchase) -> None:
    hear(database, purchase, FIRST["failed"], make_invoice_state(tried_method_id="pm_2"))

    assert told(database, purchase).count("email.payment_failed") == 2


def test_subscription_brings_its_invoice(database: Database, purchase: Purchase) -> None:
    found = hear_subscription(database, purchase, make_subscription_state())

    assert (found.status, found.stripe_subscription_id) == ("paid", "sub_1")
    assert set(told(database, purchase)) == TOLD["paid"]


def test_ended_subscription_is_cancelled(database: Database, purchase: Purchase) -> None:
    hear_subscription(database, purchase, make_subscription_state())

    found = hear_subscription(database, purchase, make_subscription_state(status="canceled"))

    assert found.status == "cancelled"


def test_other_subscription_is_not_ours(database: Database, purchase: Purchase) -> None:
    hear_subscription(database, purchase, make_subscription_state())

    found = hear_subscription(
        database, purchase, make_subscription_state(id="sub_2", status="canceled")
    )

    assert (found.status, found.stripe_subscription_id) == ("paid", "sub_1")


def test_lapsed_subscription_fails_and_begins_nothing_unread(
    database: Database, purchase: Purchase
) -> None:
    unpaid = make_subscription_state(status="incomplete", latest_invoice=FIRST["failed"])
    first = {"propale_generation": "1"}
    lapsed = make_subscription_state(
        status="incomplete_expired", latest_invoice=None, metadata=first
    )

    found = hear_subscription(database, purchase, unpaid, lapsed, lapsed)

    assert (found.status, found.generation, found.hosted_invoice_url) == ("failed", 1, "")
    assert (found.stripe_subscription_id, found.stripe_invoice_id) == ("sub_1", "in_1")


def test_subscription_that_we_end_ourselves_is_no_news(
    database: Database, purchase: Purchase
) -> None:
    unpaid = make_subscription_state(status="past_due", latest_invoice=FIRST["failed"])
    hear_subscription(database, purchase, unpaid)
    with database.writing(purchase.tenant_id) as session:
        session.add(make_step(purchase, "cancel:sub_1"))

    found = hear_subscription(database, purchase, replace(unpaid, status="canceled"))

    assert found.status == "failed"


def make_step(purchase: Purchase, name: str) -> Step:
    return Step(
        purchase_id=purchase.id,
        generation=purchase.generation,
        name=name,
        operation_key=name,
        state="begun",
        begun_at=NOON,
    )


@pytest.mark.parametrize("worthless", ["void", "uncollectible"])
def test_first_invoice_taken_back_fails_and_begins_nothing(
    database: Database, purchase: Purchase, worthless: str
) -> None:
    taken_back = make_invoice_state(status=worthless, payment_status="canceled")

    found = hear(database, purchase, FIRST["action"], taken_back, taken_back)

    assert (found.status, found.generation, found.stripe_invoice_id) == ("failed", 1, "in_1")
    assert found.hosted_invoice_url == ""


def test_invoice_voided_before_it_was_charged_is_no_news(
    database: Database, purchase: Purchase
) -> None:
    found = hear(database, purchase, make_invoice_state(status="void", payment_status="canceled"))

    assert (found.status, found.newest_invoice_id, found.hosted_invoice_url) == (
        *("awaiting_method", "", ""),
    )


def test_written_off_invoice_whose_debit_is_under_way_is_pending(
    database: Database, purchase: Purchase
) -> None:
    written_off = make_invoice_state(
        status="uncollectible", payment_status="processing", failure_code=None
    )

    assert hear(database, purchase, FIRST["pending"], written_off).status == "pending"


def test_older_generations_debit_is_followed_to_its_end(
    database: Database, purchase: Purchase
) -> None:
    """Else a purchase that waits for it would wait for ever."""
    with database.writing(purchase.tenant_id) as session:
        session.get_one(Purchase, purchase.id).generation = 2
    first = {"propale_generation": "1"}
    debit = make_invoice_state(payment_status="processing", failure_code=None, metadata=first)

    waiting = hear(database, purchase, debit).status
    bounced = hear(database, purchase, make_invoice_state(metadata=first)).status

    assert (waiting, bounced) == ("pending", "failed")


def test_held_purchase_tells_the_rep_and_moves_nothing(
    database: Database, purchase: Purchase
) -> None:
    for _ in range(2):
        with database.writing(purchase.tenant_id) as session:
            hold(session, session.get_one(Purchase, purchase.id), "Stripe would charge 541.00")

    found = now_of(database, purchase)
    assert (found.status, found.problem) == ("held", "Stripe would charge 541.00")
    assert told(database, purchase) == ["email.rep_held"]


def test_paid_purchase_is_not_held_late(database: Database, purchase: Purchase) -> None:
    hear(database, purchase, FIRST["paid"])

    with database.writing(purchase.tenant_id) as session:
        hold(session, session.get_one(Purchase, purchase.id), "late")

    found = now_of(database, purchase)
    assert (found.status, found.problem) == ("paid", "")


def test_same_stripe_ids_in_two_tenants_stay_apart(database: Database) -> None:
    here, there = (
        make_purchase(database, make_proposal(database, make_tenant(database))) for _ in range(2)
    )

    hear(database, here, FIRST["paid"])

    assert now_of(database, there).status == "awaiting_method"
    assert paid_invoices(database, there) == []
    assert hear(database, there, FIRST["failed"]).status == "failed"
