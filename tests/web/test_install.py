"""Installing and signing in: each proof once, for one browser, in its time."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask.testing import FlaskClient

from app.accounts.configuration import refused_configurations
from app.clock import wall_now
from app.db import EVERY_TENANT
from app.models import (
    Colleague,
    ColleagueSession,
    Connection,
    InstallState,
    Message,
    SignInLink,
    Tenant,
)
from sandbox.hubspot import schema, tokens
from sandbox.hubspot.registration import change_secret
from tests.support.house import House
from tests.web.browsing import approve, words

CALLBACK = "/oauth/hubspot/callback"


def begin(client: FlaskClient) -> str:
    """Go to /install; returns HubSpot's address."""
    answer = client.get("/install")
    assert answer.status_code == 302
    return answer.headers["Location"]


def count(house: House, table: type) -> int:
    with house.runtime.database.reading(EVERY_TENANT) as session:
        return session.query(table).count()


def test_install_leads_to_hubspot_with_a_state(house: House) -> None:
    asked = urlsplit(begin(house.app.test_client()))

    query = parse_qs(asked.query)
    assert asked.path == "/hubspot-app/oauth/authorize"
    assert query["client_id"] == ["test-client-id"]
    assert query["redirect_uri"] == [f"http://propale.test{CALLBACK}"]
    assert len(query["state"][0]) > 40


def test_new_portal_is_installed_and_signed_in(house: House) -> None:
    client = house.app.test_client()

    answer = client.get(approve(house, begin(client), "148222/7002"))

    assert (answer.status_code, answer.headers["Location"]) == (303, "/connections")
    assert client.get("/connections").status_code == 200
    with house.runtime.database.reading(EVERY_TENANT) as session:
        tenant = session.query(Tenant).filter(Tenant.hub_id == 148222).one()
        assert (tenant.currency, tenant.time_zone) == ("EUR", "Europe/Paris")
    house.drain.run()
    made = schema.created(house.sandbox.world, "148222", "deals")
    assert len([name for name in made if name.startswith("propale_")]) == 12


def test_tokens_are_kept_sealed(house: House) -> None:
    client = house.app.test_client()
    client.get(approve(house, begin(client)))

    sealed = house.connection("hubspot").sealed

    assert "at-" not in sealed
    assert "rt-" not in sealed


def test_installing_again_keeps_the_tenant(house: House) -> None:
    client = house.app.test_client()

    client.get(approve(house, begin(client)))

    assert count(house, Tenant) == 1
    assert house.connection("stripe").status == "connected"


def test_state_is_good_once(house: House) -> None:
    client = house.app.test_client()
    back = approve(house, begin(client))
    client.get(back)
    client.set_cookie("propale_install", "whatever", domain="localhost")

    again = client.get(back)

    assert again.status_code == 400
    assert "Recommencer l’installation" in words(
        client.get(back, headers={"Accept-Language": "fr"})
    )


def test_state_of_another_browser_is_refused(house: House) -> None:
    mine, theirs = house.app.test_client(), house.app.test_client()
    begin(theirs)

    answer = theirs.get(approve(house, begin(mine)))

    assert answer.status_code == 400
    assert count(house, ColleagueSession) == 0


def test_state_without_a_cookie_begins_anew(house: House) -> None:
    back = approve(house, begin(house.app.test_client()))

    answer = house.app.test_client().get(back)

    assert (answer.status_code, answer.headers["Location"]) == (302, "/install?again=1")
    assert count(house, ColleagueSession) == 0


def test_browser_that_keeps_no_cookie_is_told_after_two_tries(house: House) -> None:
    location = house.app.test_client().get("/install?again=1").headers["Location"]

    answer = house.app.test_client().get(
        approve(house, location), headers={"Accept-Language": "fr"}
    )

    assert answer.status_code == 400
    assert "autorisez les cookies" in words(answer)


def test_marketplace_callback_without_state_begins_anew(house: House) -> None:
    answer = house.app.test_client().get(f"{CALLBACK}?code=from-the-marketplace")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/install")


def test_state_older_than_ten_minutes_is_refused(house: House) -> None:
    client = house.app.test_client()
    back = approve(house, begin(client))
    with house.runtime.database.writing(EVERY_TENANT) as session:
        session.query(InstallState).one().expires_at = wall_now() - timedelta(seconds=1)

    assert client.get(back).status_code == 400


def test_code_that_was_used_is_refused_kindly(house: House) -> None:
    client = house.app.test_client()
    back = approve(house, begin(client))
    code = parse_qs(urlsplit(back).query)["code"][0]
    client.get(back)
    state = parse_qs(urlsplit(begin(client)).query)["state"][0]

    answer = client.get(f"{CALLBACK}?code={code}&state={state}", headers={"Accept-Language": "fr"})

    assert answer.status_code == 400
    assert "a déjà servi ou a expiré" in words(answer)


def test_code_that_is_too_old_is_refused_kindly(house: House) -> None:
    client = house.app.test_client()
    back = approve(house, begin(client))
    tokens.expire_codes(house.sandbox.world, "148111")

    answer = client.get(back, headers={"Accept-Language": "fr"})

    assert answer.status_code == 400
    assert "a déjà servi ou a expiré" in words(answer)
    assert count(house, ColleagueSession) == 0


def test_stolen_code_is_worth_nothing_in_another_browser(house: House) -> None:
    mine, theirs = house.app.test_client(), house.app.test_client()
    code = parse_qs(urlsplit(approve(house, begin(mine))).query)["code"][0]
    state = parse_qs(urlsplit(begin(theirs)).query)["state"][0]

    answer = theirs.get(f"{CALLBACK}?code={code}&state={state}")

    assert answer.status_code == 400
    assert count(house, ColleagueSession) == 0


def test_server_that_hubspot_does_not_know_is_said(house: House) -> None:
    client = house.app.test_client()
    back = approve(house, begin(client))
    change_secret(house.sandbox.world)

    answer = client.get(back, headers={"Accept-Language": "fr"})

    assert answer.status_code == 502
    assert "HubSpot ne reconnaît pas ce serveur" in words(answer)
    assert house.read(refused_configurations) == {"hubspot": "BAD_CLIENT_SECRET"}
    assert house.connection("hubspot").status == "connected"


def test_visitor_with_a_nonsense_code_alarms_nobody(house: House) -> None:
    client = house.app.test_client()
    state = parse_qs(urlsplit(begin(client)).query)["state"][0]
    house.fail("hubspot", method="POST", path="/oauth/*", status=414, body="Too long.")

    answer = client.get(f"{CALLBACK}?code={'x' * 999}&state={state}")

    assert answer.status_code == 502
    assert house.read(refused_configurations) == {}


def test_hubspot_away_in_the_exchange_is_502(house: House) -> None:
    client = house.app.test_client()
    back = approve(house, begin(client))
    house.fail("hubspot", method="POST", path="/oauth/*", status=503)

    assert client.get(back).status_code == 502
    assert count(house, ColleagueSession) == 0


def test_refused_install_says_so(house: House) -> None:
    answer = house.app.test_client().get(
        f"{CALLBACK}?error=access_denied&state=x", headers={"Accept-Language": "fr"}
    )

    assert answer.status_code == 403
    assert "refusée" in words(answer)
    assert '<a class="link" href="/install">' in answer.text


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        ("access_denied", 403, "demandez à un super administrateur"),
        ("invalid_scope", 400, "permissions que Propale demande"),
        ("unauthorized_client", 400, "ne permet pas à ce compte"),
        ("temporarily_unavailable", 400, "pour l’instant"),
        ("server_error", 400, "a rencontré une erreur"),
        ("<script>alert(1)</script>", 400, "a interrompu l’installation"),
    ],
)
def test_each_error_of_the_callback_has_its_sentence(
    house: House, error: str, status: int, said: str
) -> None:
    path = f"{CALLBACK}?{urlencode({'error': error, 'state': 'x'})}"

    answer = house.app.test_client().get(path, headers={"Accept-Language": "fr"})

    assert answer.status_code == status
    assert said in words(answer)
    assert "alert(1)" not in answer.text


def test_another_person_may_install_again(house: House) -> None:
    client = house.app.test_client()

    client.get(approve(house, begin(client), "148111/7003"))

    assert count(house, Tenant) == 1
    with house.runtime.database.reading(EVERY_TENANT) as session:
        assert session.query(ColleagueSession).one().user_id == 7003


def test_installer_owns_a_tenant_that_had_no_owner(house: House) -> None:
    """As one that was installed by the version before, which knew no colleagues."""
    with house.runtime.database.writing(house.tenant_id) as session:
        session.query(Colleague).delete()
    client = house.app.test_client()

    client.get(approve(house, begin(client), "148111/7003"))

    owners = house.read(lambda s: [(c.user_id, c.role) for c in s.query(Colleague)])
    assert owners == [(7003, "owner")]


def test_one_server_serves_several_portals(house: House) -> None:
    for account in ("148111/7001", "148222/7002"):
        client = house.app.test_client()
        client.get(approve(house, begin(client), account))

    with house.runtime.database.reading(EVERY_TENANT) as session:
        portals = {row.account_id for row in session.query(Connection) if row.sealed}
        assert {tenant.hub_id for tenant in session.query(Tenant)} == {148111, 148222}
    assert portals >= {"148111", "148222"}


def test_bare_address_leads_to_the_connections(house: House) -> None:
    answer = house.app.test_client().get(
        "/", headers={"Accept-Language": "fr"}, follow_redirects=True
    )

    assert answer.status_code == 200
    assert "Ouvrir mon espace Propale" in words(answer)
    assert '<a class="link" href="/install">' in answer.text


def test_session_cookie_is_closed_to_scripts(house: House) -> None:
    client = house.app.test_client()

    answer = client.get(approve(house, begin(client)))

    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("propale="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def link(house: House) -> str:
    """A one-time link from the card."""
    url: str = house.card("/sign-in?lang=fr", {}).get_json()["url"]
    return urlsplit(url).path


def test_link_from_the_card_signs_the_person_in(house: House) -> None:
    client = house.app.test_client()

    answer = client.get(link(house))

    assert (answer.status_code, answer.headers["Location"]) == (303, "/connections")
    assert client.get("/connections").status_code == 200
    with house.runtime.database.reading(EVERY_TENANT) as session:
        row = session.query(ColleagueSession).one()
        assert (row.user_id, row.user_email) == (7001, "dana@maison.example")


def test_look_ahead_leaves_the_link_good(house: House) -> None:
    client, path = house.app.test_client(), link(house)

    looked = client.head(path)

    assert (looked.status_code, looked.headers.get("Set-Cookie")) == (200, None)
    assert client.get(path).headers["Location"] == "/connections"


def test_link_is_good_once(house: House) -> None:
    path = link(house)
    house.app.test_client().get(path)

    answer = house.app.test_client().get(path, headers={"Accept-Language": "fr"})

    assert answer.status_code == 404
    assert "déjà servi" in words(answer)


@pytest.mark.parametrize(("seconds", "status"), [(59, 303), (61, 404)])
def test_link_is_good_for_a_minute(house: House, seconds: int, status: int) -> None:
    path = link(house)
    with house.runtime.database.writing(EVERY_TENANT) as session:
        row = session.query(SignInLink).one()
        row.expires_at -= timedelta(seconds=seconds)

    assert house.app.test_client().get(path).status_code == status


def test_mistyped_link_opens_nothing(house: House) -> None:
    assert house.app.test_client().get("/sign-in/nobody").status_code == 404
    assert count(house, ColleagueSession) == 0


def test_links_that_open_nothing_look_alike(house: House) -> None:
    used, old = link(house), link(house)
    house.app.test_client().get(used)
    with house.runtime.database.writing(EVERY_TENANT) as session:
        session.query(SignInLink).one().expires_at = wall_now() - timedelta(seconds=1)

    answers = [house.app.test_client().get(path) for path in (used, old, "/sign-in/" + "x" * 43)]

    said = [re.sub(r'nonce="[^"]+"', "", answer.text) for answer in answers]
    assert {answer.status_code for answer in answers} == {404}
    assert said[0] == said[1] == said[2]


def test_session_ends_after_its_time(house: House) -> None:
    client = house.app.test_client()
    client.get(link(house))
    with house.runtime.database.writing(EVERY_TENANT) as session:
        session.query(ColleagueSession).one().expires_at = wall_now() - timedelta(seconds=1)

    assert client.get("/connections").headers["Location"] == "/sign-in"


def test_only_hashes_of_proofs_are_kept(house: House) -> None:
    client = house.app.test_client()
    token = link(house).rpartition("/")[2]
    state = parse_qs(urlsplit(begin(client)).query)["state"][0]

    with house.runtime.database.reading(EVERY_TENANT) as session:
        kept = [session.query(SignInLink).one().token_hash]
        kept += [row.state_hash for row in session.query(InstallState)]
    assert token not in kept
    assert state not in kept
    assert all(len(value) == 64 for value in kept)


def test_reinstall_wakes_what_waited(house: House) -> None:
    with house.runtime.database.writing(house.tenant_id) as session:
        row = session.get_one(Connection, house.connection("hubspot").id)
        row.status, row.problem = "reconnect_needed", "gone"
    client = house.app.test_client()

    client.get(approve(house, begin(client)))

    assert house.connection("hubspot").status == "connected"
    assert house.messages("hubspot.create_properties", "pending")
    assert count(house, Message) >= 2
