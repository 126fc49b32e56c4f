"""A grant for another account than the browser's own: nothing is switched before she chose."""

import re
from html import unescape

from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app.accounts.connections import begin_connection, open_secrets
from app.accounts.refresh import keep_tokens
from app.clock import wall_now
from app.db import EVERY_TENANT
from app.models import ColleagueSession, Connection, InstallState, Tenant
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


def sealed_tokens(house: House, hub_id: int) -> dict[str, str]:
    """What is kept for HubSpot of this account."""
    mine = select(Connection).join(Tenant, Tenant.id == Connection.tenant_id)
    with house.runtime.database.reading(EVERY_TENANT) as session:
        wanted = mine.where(Tenant.hub_id == hub_id, Connection.provider == "hubspot")
        return open_secrets(house.runtime.sealer, session.scalars(wanted).one())


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


def test_choice_after_ten_minutes_is_refused(house: House) -> None:
    client, page = granted_elsewhere(house)
    with house.runtime.database.writing(EVERY_TENANT) as session:
        session.execute(update(InstallState).values(expires_at=wall_now()))

    answer = choose(client, page, "other")

    assert answer.status_code == 400
    assert portals(house) == {148111}


def test_choice_is_made_once(house: House, other_house: House) -> None:
    """Back in the browser and the other button: those tokens have just been given back."""
    before = other_house.connection("hubspot")
    client, page = granted_elsewhere(house)
    choose(client, page, "mine")

    answer = choose(client, page, "other")

    assert (answer.status_code, "made already" in words(answer)) == (400, True)
    assert other_house.connection("hubspot").sealed == before.sealed
    assert newest_session_of(house) == 148111


def test_choice_of_two_tabs_is_each_its_own(house: House) -> None:
    client, first = granted_elsewhere(house)
    location = client.get("/install").headers["Location"]
    second = client.get(approve(house, location, OTHER))

    choose(client, first, "mine")
    answer = choose(client, second, "other")

    kept = sealed_tokens(house, 148222)["refresh_token"]
    assert answer.headers["Location"] == "/connections"
    assert kept in tokens.refresh_tokens(house.sandbox.world)


def test_token_that_works_here_is_not_given_back(house: House, other_house: House) -> None:
    """HubSpot may grant the refresh token again that the other account works with."""
    client, page = granted_elsewhere(house)
    world = house.sandbox.world
    newest = [
        name for name, row in tokens.refresh_tokens(world).items() if row["portal"] == "148222"
    ][-1]
    with house.runtime.database.writing(other_house.tenant_id) as session:
        keep_tokens(house.runtime, begin_connection(session, "hubspot"), "old", newest)

    choose(client, page, "mine")

    assert newest in tokens.refresh_tokens(world)


def test_same_account_is_not_asked_about(house: House) -> None:
    client = signed_in(house)
    location = client.get("/install").headers["Location"]

    answer = client.get(approve(house, location))

    assert (answer.status_code, answer.headers["Location"]) == (303, "/connections")
