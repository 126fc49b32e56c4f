"""The seller's copy: read only, for signed-in colleagues of that tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests import factories
from tests.web.browsing import words
from tests.web.forms import Page

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from app.db import Database
    from app.models import Tenant

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_colleague_reads_the_same_offer_without_its_buttons(
    client: FlaskClient, database: Database, tenant: Tenant
) -> None:
    proposal = factories.make_proposal(database, tenant)
    client.set_cookie("propale", factories.make_session(database, tenant))

    answer = client.get(f"/d/{proposal.public_id}")

    assert answer.status_code == 200
    assert "Proposition envoyée" in answer.text
    assert "540,00 EUR" in words(answer)
    assert [target for target, _ in Page(answer.text).forms] == ["/sign-out"]
    assert factories.token_of(proposal) not in answer.text


def test_colleague_sees_money_and_decline_reason(
    client: FlaskClient, database: Database, tenant: Tenant
) -> None:
    accepted = factories.make_proposal(database, tenant)
    factories.make_purchase(database, accepted, status="held", problem="500,00 EUR <b>")
    declined = factories.make_proposal(
        database, tenant, status="declined", decline_reason="Trop <cher>"
    )
    client.set_cookie("propale", factories.make_session(database, tenant))

    held = client.get(f"/d/{accepted.public_id}").text
    reason = client.get(f"/d/{declined.public_id}").text

    assert "Suspendu, rien n’a été prélevé" in held
    assert "500,00 EUR &lt;b&gt;" in held
    assert "Trop &lt;cher&gt;" in reason


def test_other_tenants_proposal_is_unknown(
    client: FlaskClient, database: Database, tenant: Tenant
) -> None:
    proposal = factories.make_proposal(database, tenant)
    stranger = factories.make_tenant(database)
    client.set_cookie("propale", factories.make_session(database, stranger))

    answer = client.get(f"/d/{proposal.public_id}")

    assert answer.status_code == 404
    assert proposal.number not in answer.text


def test_draft_is_unknown(client: FlaskClient, database: Database, tenant: Tenant) -> None:
    draft = factories.make_proposal(database, tenant, status="draft")
    client.set_cookie("propale", factories.make_session(database, tenant))

    assert client.get(f"/d/{draft.public_id}").status_code == 404


def test_stranger_is_told_how_to_sign_in(
    client: FlaskClient, database: Database, tenant: Tenant
) -> None:
    proposal = factories.make_proposal(database, tenant)

    answer = client.get(f"/d/{proposal.public_id}", follow_redirects=True)

    assert "Open a deal in HubSpot" in answer.text
    assert proposal.number not in answer.text
