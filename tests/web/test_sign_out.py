"""Signing out: the session is over on our side, and its cookie is worth nothing afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app import create_app
from app.accounts.sessions import make_sign_in_link
from app.db import EVERY_TENANT
from app.models import ColleagueSession
from app.settings import Settings
from tests import factories
from tests.web.forms import read, send
from tests.web.serving import on_a_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.testing import FlaskClient
    from playwright.sync_api import Browser

    from app.db import Database
    from app.models import Tenant

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HTTPS = "https://propale.test"


@pytest.fixture
def token(database: Database, tenant: Tenant) -> str:
    """What the cookie of a signed-in colleague says."""
    return factories.make_session(database, tenant)


@pytest.fixture
def secure_app(environ: dict[str, str]) -> Iterator[Flask]:
    """The product as browsers reach it by HTTPS."""
    made = create_app(Settings.from_env({**environ, "PUBLIC_URL": HTTPS}))
    yield made
    made.extensions["propale"].database.engine.dispose()


@pytest.fixture
def secure_origin(environ: dict[str, str]) -> Iterator[str]:
    """The product on a port that speaks TLS, with a certificate of nobody."""
    with on_a_port(environ, "https://localhost", ssl_context="adhoc") as origin:
        yield origin


def sessions(database: Database) -> int:
    with database.reading(EVERY_TENANT) as session:
        return len(session.scalars(select(ColleagueSession)).all())


def one_time_link(database: Database, tenant: Tenant) -> str:
    with database.writing(tenant.id) as session:
        return "/sign-in/" + make_sign_in_link(session, 7001, "dana@maison.example")


def test_signed_out_cookie_opens_nothing(
    client: FlaskClient, app: Flask, database: Database, tenant: Tenant, token: str
) -> None:
    copy = f"/d/{factories.make_proposal(database, tenant).public_id}"
    client.set_cookie("propale", token)

    answer = send(client, read(client, "/connections"), "/sign-out")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert client.get_cookie("propale") is None
    thief = app.test_client()
    thief.set_cookie("propale", token)
    for path in ("/connections", copy):
        assert thief.get(path).headers["Location"] == "/sign-in"


def test_copy_of_a_proposal_has_the_way_out_too(
    client: FlaskClient, database: Database, tenant: Tenant, token: str
) -> None:
    copy = f"/d/{factories.make_proposal(database, tenant).public_id}"
    client.set_cookie("propale", token)

    send(client, read(client, copy), "/sign-out")

    assert sessions(database) == 0


def test_signing_out_closes_this_session_only(
    client: FlaskClient, app: Flask, database: Database, tenant: Tenant, token: str
) -> None:
    elsewhere = app.test_client()
    elsewhere.set_cookie("propale", factories.make_session(database, tenant))
    client.set_cookie("propale", token)

    send(client, read(client, "/connections"), "/sign-out")

    assert elsewhere.get("/connections").status_code == 200


@pytest.mark.parametrize("whose", ["nobody's", "another session's"])
def test_nobody_is_signed_out_from_a_foreign_page(
    client: FlaskClient, database: Database, tenant: Tenant, token: str, whose: str
) -> None:
    client.set_cookie("propale", token)
    other = client.application.test_client()
    other.set_cookie("propale", factories.make_session(database, tenant))
    fields = {} if whose == "nobody's" else read(other, "/connections").form("/sign-out")[1]

    answer = client.post("/sign-out", data=fields)

    assert answer.status_code == 403
    assert client.get("/connections").status_code == 200
    assert client.get("/sign-out").status_code == 405


def test_signing_out_twice_leads_to_the_same_door(client: FlaskClient, token: str) -> None:
    client.set_cookie("propale", token)
    page = read(client, "/connections")
    send(client, page, "/sign-out")
    client.set_cookie("propale", token)

    assert send(client, page, "/sign-out").headers["Location"] == "/sign-in"


def test_https_cookie_is_bound_to_our_host(
    secure_app: Flask, database: Database, tenant: Tenant
) -> None:
    client = secure_app.test_client()
    client.environ_base["HTTP_ORIGIN"] = HTTPS

    opened = client.get(one_time_link(database, tenant), base_url=HTTPS)
    page = client.get("/connections", base_url=HTTPS)
    csrf = page.text.partition('name="csrf_token" value="')[2][:64]
    closed = client.post("/sign-out", base_url=HTTPS, data={"csrf_token": csrf})

    for answer in (opened, closed):
        [cookie] = answer.headers.getlist("Set-Cookie")
        name, *attributes = cookie.split("; ")
        assert name.startswith("__Host-propale=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(attributes)
        assert not any(attribute.startswith("Domain") for attribute in attributes)
    assert page.status_code == 200
    assert sessions(database) == 0


def test_cookie_that_a_neighbour_planted_is_not_read(secure_app: Flask, token: str) -> None:
    client = secure_app.test_client()
    client.set_cookie("propale", token, domain="propale.test")

    assert client.get("/connections", base_url=HTTPS).headers["Location"] == "/sign-in"


def test_browser_signs_in_and_out_by_https(
    secure_origin: str, browser: Browser, database: Database, tenant: Tenant
) -> None:
    with browser.new_context(ignore_https_errors=True) as context:
        page = context.new_page()

        page.goto(secure_origin + one_time_link(database, tenant))
        held = [cookie["name"] for cookie in context.cookies()]
        page.get_by_role("button", name="Se déconnecter").click()
        page.wait_for_url("**/sign-in")

        assert held == ["__Host-propale"]
        assert context.cookies() == []
    assert sessions(database) == 0
