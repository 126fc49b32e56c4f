"""Choosing a method is the acceptance: once, from our own page, of what was shown."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app.models import Acceptance, Message, Proposal, Purchase
from tests import factories
from tests.web.forms import Page, read, send

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from flask.testing import FlaskClient

    from app.db import Database
    from app.models import Tenant

    Opening = Callable[[], AbstractContextManager[None]]

CARD = {"method": "card"}
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
# Where both run the same SQL, the second one is for `--long`.
ON_BOTH_WITH_LONG = pytest.mark.parametrize(
    "database_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)], indirect=True
)


def path_of(proposal: Proposal) -> str:
    return f"/p/{factories.token_of(proposal)}"


def status_of(database: Database, proposal: Proposal) -> str:
    with database.reading(proposal.tenant_id) as session:
        return session.get_one(Proposal, proposal.id).status


def count(database: Database, tenant: Tenant, table: type) -> int:
    with database.reading(tenant.id) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_accepting_leads_to_stripes_page(
    client: FlaskClient, database: Database, tenant: Tenant, stripe_opens: Opening
) -> None:
    proposal = factories.make_proposal(database, tenant)

    with stripe_opens():
        page = read(client, path_of(proposal))
        answer = send(client, page, "/accept", {"method": "sepa_debit"})

    assert answer.status_code == 303
    assert answer.location == "http://127.0.0.1:9/stripe/c/pay/cs_test_1"
    assert status_of(database, proposal) == "accepted"


@ON_BOTH_WITH_LONG
def test_acceptance_keeps_its_evidence(
    client: FlaskClient, database: Database, tenant: Tenant, stripe_opens: Opening
) -> None:
    proposal = factories.make_proposal(database, tenant)

    with stripe_opens():
        send(client, read(client, path_of(proposal)), "/accept", CARD)

    with database.reading(tenant.id) as session:
        kept = session.scalars(select(Acceptance)).one()
        kinds = set(session.scalars(select(Message.kind)))
    assert (kept.method, kept.version, kept.ip_address) == ("card", 1, "127.0.0.1")
    assert kept.document_hash == proposal.document_hash
    assert kept.user_agent.startswith("Werkzeug")
    assert kinds == {
        "stripe.open_page",
        "hubspot.sync_deal",
        "slack.accepted",
        "email.rep_accepted",
    }


@ON_BOTH_WITH_LONG
def test_second_click_goes_on_to_the_same_page(
    client: FlaskClient, database: Database, tenant: Tenant, stripe_opens: Opening
) -> None:
    proposal = factories.make_proposal(database, tenant)
    page = read(client, path_of(proposal))

    with stripe_opens():
        first = send(client, page, "/accept", CARD)
        second = send(client, page, "/accept", {"method": "sepa_debit"})

    assert second.location == first.location
    assert count(database, tenant, Acceptance) == 1


def test_many_clicks_at_once_accept_once(
    client: FlaskClient, database: Database, tenant: Tenant, stripe_opens: Opening
) -> None:
    proposal = factories.make_proposal(database, tenant)
    page = read(client, path_of(proposal))

    def click(_number: int) -> tuple[int, str]:
        browser = client.application.test_client()
        action, fields = page.form("/accept", **CARD)
        answer = browser.post(action, data=fields, headers={"Sec-Fetch-Site": "same-origin"})
        return answer.status_code, answer.location

    with stripe_opens(), ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(click, range(8)))

    assert answers == {(303, "http://127.0.0.1:9/stripe/c/pay/cs_test_1")}
    assert count(database, tenant, Acceptance) == 1
    assert count(database, tenant, Purchase) == 1


@ON_SQLITE
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://propale.test", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://propale.test", "Sec-Fetch-Site": "none"},
        {"Origin": ""},
    ],
)
def test_form_from_elsewhere_accepts_nothing(
    client: FlaskClient, database: Database, tenant: Tenant, headers: dict[str, str]
) -> None:
    proposal = factories.make_proposal(database, tenant)
    action, fields = read(client, path_of(proposal)).form("/accept", **CARD)

    answer = client.post(action, data=fields, headers=headers)

    assert answer.status_code == 403
    assert path_of(proposal) in Page(answer.text).links
    assert status_of(database, proposal) == "sent"


@ON_SQLITE
@pytest.mark.parametrize(
    "typed", [{"nonce": ""}, {"nonce": "é" * 64}, {"version": "2"}, {"version": "one"}]
)
def test_form_that_is_not_ours_accepts_nothing(
    client: FlaskClient, database: Database, tenant: Tenant, typed: dict[str, str]
) -> None:
    proposal = factories.make_proposal(database, tenant)

    answer = send(client, read(client, path_of(proposal)), "/accept", CARD, **typed)

    assert answer.status_code == 403
    assert status_of(database, proposal) == "sent"


@ON_SQLITE
def test_nonce_of_another_proposal_accepts_nothing(
    client: FlaskClient, database: Database, tenant: Tenant
) -> None:
    mine, other = (factories.make_proposal(database, tenant) for _ in range(2))
    _, fields = read(client, path_of(other)).form("/accept", **CARD)

    answer = send(client, read(client, path_of(mine)), "/accept", CARD, nonce=fields["nonce"])

    assert answer.status_code == 403
    assert status_of(database, mine) == "sent"


@ON_SQLITE
def test_version_replaced_meanwhile_is_explained(
    client: FlaskClient, database: Database, tenant: Tenant
) -> None:
    proposal = factories.make_proposal(database, tenant)
    page = read(client, path_of(proposal))
    with database.writing(tenant.id) as session:
        session.get_one(Proposal, proposal.id).version = 2

    answer = send(client, page, "/accept", CARD)

    assert answer.status_code == 409
    assert "Cette proposition a changé" in answer.text
    assert path_of(proposal) in Page(answer.text).links
    assert status_of(database, proposal) == "sent"


@ON_SQLITE
def test_method_not_offered_is_explained(
    client: FlaskClient, database: Database, tenant: Tenant
) -> None:
    proposal = factories.make_proposal(database, tenant, methods=["card"])

    answer = send(client, read(client, path_of(proposal)), "/accept", method="sepa_debit")

    assert answer.status_code == 409
    assert "n’est pas proposé" in answer.text
    assert status_of(database, proposal) == "sent"


@ON_SQLITE
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"status": "declined"}, "Vous avez décliné"),
        ({"status": "withdrawn"}, "a été retirée"),
        ({"status": "expired"}, "n’est plus valable"),
        ({"valid_until": factories.LONG_AGO}, "n’est plus valable"),
    ],
)
def test_proposal_closed_meanwhile_is_explained(
    client: FlaskClient,
    database: Database,
    tenant: Tenant,
    change: dict[str, object],
    words: str,
) -> None:
    proposal = factories.make_proposal(database, tenant)
    page = read(client, path_of(proposal))
    with database.writing(tenant.id) as session:
        row = session.get_one(Proposal, proposal.id)
        for name, value in change.items():
            setattr(row, name, value)

    answer = send(client, page, "/accept", CARD)

    assert answer.status_code == 409
    assert words in answer.text
    assert any(link.startswith("mailto:") for link in Page(answer.text).links)
    assert count(database, tenant, Acceptance) == 0


@ON_SQLITE
def test_page_that_keeps_us_waiting_says_one_moment(
    client: FlaskClient, database: Database, tenant: Tenant, stripe_opens: Opening
) -> None:
    proposal = factories.make_proposal(database, tenant)

    answer = send(client, read(client, path_of(proposal)), "/accept", CARD)
    moment = client.get(answer.location)
    with stripe_opens():
        on = client.get(moment.headers["Refresh"].partition("url=")[2])
        while on.status_code != 303:
            on = client.get(on.headers["Refresh"].partition("url=")[2])

    assert answer.location == f"{path_of(proposal)}?go=1"
    assert "Un instant" in moment.text
    assert moment.headers["Refresh"] == f"2; url={path_of(proposal)}?go=2"
    assert on.location == "http://127.0.0.1:9/stripe/c/pay/cs_test_1"


@ON_BOTH_WITH_LONG
def test_declining_keeps_the_reason(
    client: FlaskClient, database: Database, tenant: Tenant
) -> None:
    proposal = factories.make_proposal(database, tenant)
    page = read(client, path_of(proposal))

    answer = send(client, page, "/decline", reason="Trop cher.\r\nDésolée <b>")
    after = client.get(answer.location)
    again = send(client, page, "/decline", reason="Encore")

    assert answer.status_code == 303
    assert "Vous avez décliné" in after.text
    assert again.status_code == 409
    with database.reading(tenant.id) as session:
        row = session.get_one(Proposal, proposal.id)
    assert (row.status, row.decline_reason) == ("declined", "Trop cher.\nDésolée <b>")


@ON_SQLITE
def test_accepting_form_cannot_decline(
    client: FlaskClient, database: Database, tenant: Tenant
) -> None:
    proposal = factories.make_proposal(database, tenant)
    page = read(client, path_of(proposal))

    answer = send(client, page, "/decline", nonce=page.form("/accept", **CARD)[1]["nonce"])

    assert answer.status_code == 403
    assert status_of(database, proposal) == "sent"


@ON_SQLITE
def test_huge_form_is_refused(client: FlaskClient, database: Database, tenant: Tenant) -> None:
    proposal = factories.make_proposal(database, tenant)

    answer = send(client, read(client, path_of(proposal)), "/decline", reason="x" * 70_000)

    assert answer.status_code == 413
    assert status_of(database, proposal) == "sent"
