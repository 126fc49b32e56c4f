"""The offer: what the page shows, what it never does, and links that lead nowhere."""

from __future__ import annotations

import re
import time
from statistics import median
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from tests import factories
from tests.web.browsing import words
from tests.web.forms import read

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from app.db import Database
    from app.models import Tenant

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HOSTILE = "<script>alert(1)</script>{{7*7}}{% raw %}\r\nBcc: x@y \u202eevil 🦊 <!channel> "


def path_of(proposal: object) -> str:
    return f"/p/{factories.token_of(proposal)}"  # type: ignore[arg-type]


def test_monthly_offer_shows_now_later_and_terms(
    client: FlaskClient, database: Database, tenant: Tenant
) -> None:
    proposal = factories.make_proposal(database, tenant)

    page = client.get(path_of(proposal))

    for said in (
        "540,00 EUR",
        "90,00 EUR",
        "TVA 20 % sur 450,00 EUR",
        "puis 540,00 EUR par mois",
        "Préavis d'un mois.",
        "Poste dédié",
        proposal.number,
        proposal.document_hash,
        "vous acceptez cette proposition avec obligation de paiement",
        "J'accepte et je paie par carte",
        "J'accepte et je paie par prélèvement SEPA",
    ):
        assert said in words(page)
    assert page.text.count('<tr><th scope="row">') >= 12  # the year's charges among them


def test_marks_of_what_people_typed_stay_with_their_word(
    client: FlaskClient, database: Database, tenant: Tenant
) -> None:
    content = factories.make_document(deal_name="Atelier : « coworking » ?")

    page = client.get(path_of(factories.make_proposal(database, tenant, content=content)))

    assert "<bdi>Atelier\u00a0: «\u00a0coworking\u00a0»\u00a0?</bdi>" in page.text


def test_english_offer_speaks_english(
    client: FlaskClient, database: Database, tenant: Tenant
) -> None:
    line = factories.make_line(price="1200", currency="GBP", frequency="annually")
    content = factories.make_document([line], currency="GBP", language="en")

    page = client.get(path_of(factories.make_proposal(database, tenant, content=content)))

    assert '<html lang="en">' in page.text
    assert "GBP 1,440.00 per year" in words(page)
    assert "I accept and pay by card" in page.text
    assert "SEPA" not in page.text


def test_discounts_and_one_off_lines_stand_in_words(
    client: FlaskClient, database: Database, tenant: Tenant
) -> None:
    lines = [
        factories.make_line(quantity="2", price="240", unit_discount="10", discount_percentage="5"),
        factories.make_line(name="Mise en service", frequency="", price="150"),
    ]
    content = factories.make_document(lines, company=factories.make_company())

    page = client.get(path_of(factories.make_proposal(database, tenant, content=content)))

    for said in (
        "2 × 240,00 EUR, remise de 10,00 EUR par unité, remise de 5 %",
        "Chaque mois",
        "Une seule fois",
        "SIREN 123456824",
        "TVA FR40123456824",
    ):
        assert said in words(page)


def test_one_off_offer_says_nothing_follows(
    client: FlaskClient, database: Database, tenant: Tenant
) -> None:
    content = factories.make_document([factories.make_line(frequency="")])

    page = client.get(path_of(factories.make_proposal(database, tenant, content=content))).text

    assert "Rien d’autre ne sera prélevé" in page
    assert "<details>" in page  # declining; no calendar
    assert "Voir les prochains prélèvements" not in page


def test_reading_and_prefetching_change_nothing(
    client: FlaskClient, database: Database, tenant: Tenant
) -> None:
    proposal = factories.make_proposal(database, tenant)
    before = everything(database)

    for _ in range(3):
        client.get(path_of(proposal))
        client.head(path_of(proposal))
        client.get(f"{path_of(proposal)}?go=1")
    client.get(f"{path_of(proposal)}/accept")

    assert everything(database) == before


def everything(database: Database) -> list[object]:
    names = ("proposals", "purchases", "acceptances", "messages", "deals")
    with database.engine.connect() as connection:
        return [
            tuple(row)
            for name in names
            for row in connection.execute(text(f"SELECT * FROM {name}"))
        ]


def test_crm_markup_is_shown_as_text(
    client: FlaskClient, database: Database, tenant: Tenant
) -> None:
    long = HOSTILE + "x" * 10_000
    lines = [factories.make_line(name=long, description=long) for _ in range(20)]
    content = factories.make_document(
        lines,
        deal_name=long,
        company=factories.make_company(name=long, city=long),
        seller={"name": HOSTILE, "address": HOSTILE, "terms": HOSTILE},
    )

    page = client.get(path_of(factories.make_proposal(database, tenant, content=content)))

    assert "<script" not in page.text
    assert "{{7*7}}" in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert len(page.data) <= 60_000


def test_links_that_lead_nowhere_look_alike(
    client: FlaskClient, database: Database, tenant: Tenant
) -> None:
    draft = factories.make_proposal(database, tenant, status="draft")
    revoked = factories.make_proposal(database, tenant)
    token = factories.token_of(revoked)
    with database.writing(tenant.id) as session:
        session.get_one(type(revoked), revoked.id).token_hash = None
    paths = ("/p/unknown", f"/p/{token}", f"/p/{token}x", f"/p/{draft.public_id}", "/r/unknown")

    answers = [client.get(path) for path in paths]
    answers += [client.post(f"/p/unknown/{word}") for word in ("accept", "decline", "pay")]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1
    assert len({answer.headers["Content-Security-Policy"] for answer in answers}) == 1
    assert client.get("/p/x", headers={"Accept-Language": "fr-FR"}).text.count("Ce lien") == 2


def test_time_tells_nothing_of_a_link(
    client: FlaskClient, database: Database, tenant: Tenant
) -> None:
    """A revoked link and one that never was are looked for alike; taken in turns, then compared."""
    revoked = factories.make_proposal(database, tenant)
    token = factories.token_of(revoked)
    with database.writing(tenant.id) as session:
        session.get_one(type(revoked), revoked.id).token_hash = None

    def took(path: str) -> float:
        began = time.perf_counter()
        client.get(path)
        return time.perf_counter() - began

    pairs = [(took(f"/p/{token}"), took(f"/p/{'x' * 43}")) for _ in range(100)]

    one, other = (median(times) for times in zip(*pairs, strict=True))
    assert 0.5 < one / other < 2


def test_headers_keep_the_page_to_itself(
    client: FlaskClient, database: Database, tenant: Tenant
) -> None:
    answer = client.get(path_of(factories.make_proposal(database, tenant)))

    nonce = re.search(r'<style nonce="([^"]+)">', answer.text)
    assert nonce
    assert answer.headers["Content-Security-Policy"] == (
        f"default-src 'none'; style-src 'nonce-{nonce[1]}'; img-src 'self' data:; "
        "form-action 'self' http://127.0.0.1:9; frame-ancestors 'none'; base-uri 'none'"
    )
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Strict-Transport-Security" not in answer.headers  # plain http in the sandbox


def test_page_asks_for_nothing_else(
    client: FlaskClient, database: Database, tenant: Tenant
) -> None:
    page = client.get(path_of(factories.make_proposal(database, tenant))).text

    assert not re.findall(r"<(?:script|img|iframe|link rel=\"stylesheet)", page)
    assert not re.findall(r"url\(", page)
    assert " style=" not in page


def test_offer_past_its_last_day_cannot_be_answered(
    client: FlaskClient, database: Database, tenant: Tenant
) -> None:
    past = factories.make_proposal(database, tenant, valid_for=-factories.A_DAY * 2)

    page = read(client, path_of(past))

    assert page.forms == []
    assert any(link.startswith("mailto:dana@maison.example?subject=") for link in page.links)
