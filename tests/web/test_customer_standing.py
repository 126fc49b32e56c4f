"""After the answer: where things stand, the way on, and the page she comes back to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from app import messages
from app.billing.ladder import METHOD_OPEN, MoneyStatus
from app.language import LANGUAGES
from app.models import Purchase
from tests import factories
from tests.web.forms import Page, read, send

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from _pytest.mark import ParameterSet
    from flask.testing import FlaskClient

    from app.db import Database
    from app.models import Proposal, Tenant

    Opening = Callable[[], AbstractContextManager[None]]

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
INVOICE = "https://invoice.stripe.com/i/acct_1/live_1"


def path_of(proposal: Proposal) -> str:
    return f"/p/{factories.token_of(proposal)}"


def return_path_of(purchase: Purchase) -> str:
    return f"/r/{factories.return_token_of(purchase)}"


def make_purchase(database: Database, tenant: Tenant, status: str, **values: Any) -> Purchase:
    proposal = factories.make_proposal(database, tenant)
    return factories.make_purchase(database, proposal, status=status, **values)


@pytest.mark.parametrize(
    ("status", "step"),
    [("awaiting_method", "3"), ("failed", "3"), ("paid", "4"), ("past_due", None)],
)
def test_steps_are_shown_until_the_first_payment(
    client: FlaskClient, database: Database, tenant: Tenant, status: str, step: str | None
) -> None:
    proposal = factories.make_proposal(database, tenant)
    factories.make_purchase(database, proposal, status=status)

    current = re.search(r'aria-current="step"><b>(\d)', client.get(path_of(proposal)).text)

    assert (current and current[1]) == step


def in_turn() -> Iterator[ParameterSet]:
    """Every status with its language, one after the other; with `--long` in each of them."""
    for number, status in enumerate(MoneyStatus):
        for turn, language in enumerate(LANGUAGES):
            marks = [pytest.mark.long] if (number + turn) % len(LANGUAGES) else []
            yield pytest.param(status, language, marks=marks)


@pytest.mark.parametrize(("status", "language"), [*in_turn()])
def test_every_status_offers_a_way_on(
    client: FlaskClient, database: Database, tenant: Tenant, status: MoneyStatus, language: str
) -> None:
    content = factories.make_document(language=language)
    proposal = factories.make_proposal(database, tenant, content=content)
    purchase = factories.make_purchase(
        database, proposal, status=status, method="sepa_debit", hosted_invoice_url=INVOICE
    )

    for path in (path_of(proposal), return_path_of(purchase)):
        page = read(client, path)

        assert any(link.startswith("mailto:dana@") for link in page.links)
        assert len(page.forms) == (2 if status in METHOD_OPEN else 0)
        assert not any(action.endswith(("/accept", "/decline")) for action, _ in page.forms)


@pytest.mark.parametrize("status", ["paid", "action_needed", "past_due"])
def test_stripes_invoice_page_is_one_click_away(
    client: FlaskClient, database: Database, tenant: Tenant, status: str
) -> None:
    purchase = make_purchase(database, tenant, status, hosted_invoice_url=INVOICE)

    path = return_path_of(purchase)
    assert f"{path}/invoice" in read(client, path).links


def test_paid_invoices_are_listed(client: FlaskClient, database: Database, tenant: Tenant) -> None:
    purchase = make_purchase(database, tenant, "paid", hosted_invoice_url=INVOICE)
    content = {"currency": "EUR", "total_minor": 54_000, "hosted_url": f"{INVOICE}/first"}
    invoice = factories.make_paid_invoice(database, purchase, content=content)

    answer = client.get(return_path_of(purchase))

    assert invoice.number in answer.text
    assert f"{INVOICE}/first" in Page(answer.text).links


@pytest.mark.parametrize("status", ["declined", "withdrawn", "expired"])
def test_closed_proposal_names_the_rep(
    client: FlaskClient, database: Database, tenant: Tenant, status: str
) -> None:
    proposal = factories.make_proposal(database, tenant, status=status)

    answer = client.get(path_of(proposal))

    assert answer.status_code == 200
    assert Page(answer.text).forms == []
    assert any(link.startswith("mailto:dana@") for link in Page(answer.text).links)
    assert ("Poste dédié" in answer.text) == (status != "withdrawn")


def test_failed_payment_leads_to_another_method(
    client: FlaskClient, database: Database, tenant: Tenant, stripe_opens: Opening
) -> None:
    purchase = make_purchase(database, tenant, "failed", page_number=1)

    with stripe_opens():
        page = read(client, return_path_of(purchase))
        answer = send(client, page, "/pay", method="sepa_debit")

    assert answer.status_code == 303
    assert answer.location == "http://127.0.0.1:9/stripe/c/pay/cs_test_2"
    with database.reading(tenant.id) as session:
        assert session.get_one(Purchase, purchase.id).method == "sepa_debit"


def test_pending_debit_takes_no_second_method(
    client: FlaskClient, database: Database, tenant: Tenant
) -> None:
    purchase = make_purchase(database, tenant, "awaiting_method")
    page = read(client, return_path_of(purchase))
    with database.writing(tenant.id) as session:
        session.get_one(Purchase, purchase.id).status = "pending"

    answer = send(client, page, "/pay")

    assert (answer.status_code, answer.location) == (303, return_path_of(purchase))
    with database.reading(tenant.id) as session:
        assert session.get_one(Purchase, purchase.id).page_number == 1


@pytest.mark.parametrize(("typed", "status"), [({"nonce": "0"}, 403), ({"method": "ideal"}, 409)])
def test_payment_form_that_is_not_ours_opens_nothing(
    client: FlaskClient, database: Database, tenant: Tenant, typed: dict[str, str], status: int
) -> None:
    purchase = make_purchase(database, tenant, "failed")

    answer = send(client, read(client, return_path_of(purchase)), "/pay", None, **typed)

    assert answer.status_code == status
    with database.reading(tenant.id) as session:
        assert session.get_one(Purchase, purchase.id).page_number == 1


def test_payment_before_acceptance_leads_back(
    client: FlaskClient, database: Database, tenant: Tenant
) -> None:
    proposal = factories.make_proposal(database, tenant)

    answer = client.post(f"{path_of(proposal)}/pay", data={"method": "card"})

    assert answer.status_code == 403
    assert path_of(proposal) in Page(answer.text).links


def test_back_from_stripe_waits_for_the_outcome(
    client: FlaskClient, database: Database, tenant: Tenant
) -> None:
    purchase = make_purchase(database, tenant, "awaiting_method", stripe_session_id="cs_1")

    answer = client.get(f"{return_path_of(purchase)}?done=1")

    assert "Un instant" in answer.text
    assert answer.headers["Refresh"] == f"2; url={return_path_of(purchase)}?done=2"
    with database.reading(tenant.id) as session:
        assert session.get_one(Purchase, purchase.id).seen_waiting_at is not None


def test_long_wait_says_not_to_pay_twice(
    client: FlaskClient, database: Database, tenant: Tenant
) -> None:
    purchase = make_purchase(database, tenant, "awaiting_method", stripe_session_id="cs_1")

    answer = client.get(f"{return_path_of(purchase)}?done=20")

    assert "Ne payez pas une seconde fois" in answer.text
    assert answer.headers["Refresh"].startswith("15;")
    assert not Page(answer.text).forms  # what she did is still being read


def test_new_method_after_a_failure_is_waited_for(
    client: FlaskClient, database: Database, tenant: Tenant
) -> None:
    purchase = make_purchase(database, tenant, "failed", stripe_session_id="cs_2")

    waiting = client.get(f"{return_path_of(purchase)}?done=1")
    with database.writing(tenant.id) as session:
        for claimed in messages.claim(database, 10):
            messages.finish(session, claimed)
        session.get_one(Purchase, purchase.id).billed_pages = ["cs_2"]
    settled = client.get(f"{return_path_of(purchase)}?done=2")

    assert "Un instant" in waiting.text
    assert "Le paiement n’a pas abouti" in settled.text
    assert "Refresh" not in settled.headers


def test_bank_question_is_answered_at_once(
    client: FlaskClient, database: Database, tenant: Tenant
) -> None:
    purchase = make_purchase(database, tenant, "action_needed", hosted_invoice_url=INVOICE)

    answer = client.get(f"{return_path_of(purchase)}?done=1")

    assert (answer.status_code, answer.location) == (303, f"{return_path_of(purchase)}/invoice")


def test_plain_return_shows_and_asks_nothing(
    client: FlaskClient, database: Database, tenant: Tenant
) -> None:
    purchase = make_purchase(database, tenant, "awaiting_method", stripe_session_id="cs_1")

    answer = client.get(return_path_of(purchase))

    assert "Il ne reste que votre moyen de paiement" in answer.text
    assert messages.claim(database, 10) == []
