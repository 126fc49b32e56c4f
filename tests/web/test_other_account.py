"""A grant for another account than the browser's own: nothing is switched before she chose."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts import held_grant
from app.clock import wall_now
from app.db import EVERY_TENANT
from app.models import ColleagueSession, Tenant
from sandbox.hubspot import tokens
from tests.support.house import House
from tests.web.browsing import approve, signed_in, words

OTHER = "148222/7002"
FIELDS = re.compile(r'name="(csrf_token|held)" value="([^"]+)"')


def granted_elsewhere(house: House) -> tuple[FlaskClient, TestResponse]:
    """She is signed in for 148111 and approves in 148222; the page she gets."""
    client = signed_in(house)
    client.environ_base["HTTP_ORIGIN"] = house.runtime.settings.public_url
    location = client.get("/install").headers["Location"]
    return client, client.get(approve(house, location, OTHER), headers={"Accept-Language": "fr"})


def choose(client: FlaskClient, page: TestResponse, decision: str) -> TestResponse:
    fields = {name: unescape(value) for name, value in FIELDS.findall(page.text)}
    return client.post("/oauth/hubspot/choose", data={**fields, "decision": decision})


def portals(house: House) -> set[int]:
    with house.runtime.database.reading(EVERY_TENANT) as session:
        return {tenant.hub_id for tenant in session.query(Tenant)}


def newest_session_of(house: House) -> int:
    """The account for which the newest session is."""
    with house.runtime.database.reading(EVERY_TENANT) as session:
        newest = session.query(ColleagueSession).order_by(ColleagueSession.id.desc()).first()
        assert newest
        return session.get_one(Tenant, newest.tenant_id).hub_id


def test_other_account_is_asked_about_first(house: House) -> None:
    client, page = granted_elsewhere(house)

    assert page.status_code == 409
    assert "compte HubSpot 148111" in words(page)
    assert "Installer Propale dans le compte 148222" in words(page)
    assert portals(house) == {148111}
    assert client.get("/connections").status_code == 200


def test_choosing_the_other_account_installs_it(house: House) -> None:
    client, page = granted_elsewhere(house)

    answer = choose(client, page, "other")

    assert answer.headers["Location"] == "/connections"
    assert portals(house) == {148111, 148222}
    assert newest_session_of(house) == 148222


def test_staying_changes_nothing_and_gives_the_grant_back(house: House) -> None:
    client, page = granted_elsewhere(house)

    answer = choose(client, page, "mine")

    world = house.sandbox.world
    assert answer.headers["Location"] == "/connections"
    assert portals(house) == {148111}
    assert "148222" not in {row["portal"] for row in tokens.refresh_tokens(world).values()}


def test_account_that_is_known_is_renewed_not_installed(house: House, other_house: House) -> None:
    before = other_house.connection("hubspot").refreshed
    client, page = granted_elsewhere(house)
    choose(client, page, "other")

    assert "renouveler son accès" in words(page)
    assert other_house.connection("hubspot").refreshed == before + 1


def test_choice_of_another_session_is_refused(house: House) -> None:
    _, page = granted_elsewhere(house)
    stranger = signed_in(house)
    stranger.environ_base["HTTP_ORIGIN"] = house.runtime.settings.public_url

    answer = choose(stranger, page, "other")

    assert answer.status_code == 403
    assert portals(house) == {148111}


def test_choice_after_ten_minutes_is_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    client, page = granted_elsewhere(house)
    # Wall time is no parameter of a view, and nobody waits ten minutes for a test.
    late = wall_now() + held_grant.HELD_FOR
    monkeypatch.setattr(held_grant, "wall_now", lambda: late)

    answer = choose(client, page, "other")

    assert answer.status_code == 400
    assert portals(house) == {148111}


def test_same_account_is_not_asked_about(house: House) -> None:
    client = signed_in(house)
    location = client.get("/install").headers["Location"]

    answer = client.get(approve(house, location))

    assert (answer.status_code, answer.headers["Location"]) == (303, "/connections")
