"""Every route says who may call it, and turns away those who may not."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app import create_app
from app.accounts.roles import Right
from app.settings import Settings
from tests.support.environ import CLOSED
from tests.support.house import House

CALLERS = {
    "everybody",
    "signed card",
    "signed Stripe",
    "colleague",
    *(f"colleague who may {right}" for right in Right),
    "holder of the link",
    "holder of the return link",
    "holder of a one-time link",
    "holder of the metrics token",
}
# What a stranger gets: nothing that belongs to anybody.
STRANGERS = {
    "signed card": {401},
    "signed Stripe": {400, 404},
    "colleague": {303},
    **{f"colleague who may {right}": {303} for right in Right},
    "holder of the link": {404},
    "holder of the return link": {404},
    "holder of a one-time link": {404},
    "holder of the metrics token": {401},
}
ARGUMENTS = {
    "deal_id": "5101",
    "public_id": "nobody",
    "token": "nobody",
    "section": "seller",
    "colleague_id": "1",
    "what": "logo",
}


def routes() -> list[tuple[Rule, str, str]]:
    """Rule, method and declared caller of everything the product answers."""
    app = create_app(Settings.from_env({**CLOSED, "DATABASE_URL": "sqlite://"}))
    return [(rule, method, caller_of(app, rule)) for rule in rules(app) for method in asked(rule)]


def rules(app: Flask) -> Iterator[Rule]:
    yield from app.url_map.iter_rules()


def asked(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


def caller_of(app: Flask, rule: Rule) -> str:
    return str(getattr(app.view_functions[rule.endpoint], "may_call", "nobody said"))


ROUTES = routes()
NAMES = [f"{method} {rule.rule}" for rule, method, _ in ROUTES]


@pytest.mark.parametrize(("rule", "method", "caller"), ROUTES, ids=NAMES)
def test_route_declares_who_may_call(rule: Rule, method: str, caller: str) -> None:
    assert caller in CALLERS, f"{method} {rule.rule}"


def address(rule: Rule) -> str:
    _, path = rule.build({name: ARGUMENTS[name] for name in rule.arguments}) or ("", "")
    return path


@pytest.mark.parametrize(
    ("rule", "method", "caller"), [row for row in ROUTES if row[2] in STRANGERS]
)
def test_stranger_is_turned_away(house: House, rule: Rule, method: str, caller: str) -> None:
    client = house.app.test_client()

    answer = client.open(address(rule), method=method, data={})

    assert answer.status_code in STRANGERS[caller]
    assert "Maison du Sandbox" not in answer.text
    assert house.sandbox.world.journal.entries() == []
    if caller.startswith("colleague"):
        assert answer.headers["Location"] == "/sign-in"


@pytest.mark.parametrize(
    ("rule", "method", "caller"), [row for row in ROUTES if row[2] == "everybody"]
)
def test_open_route_shows_nobodys_data(house: House, rule: Rule, method: str, caller: str) -> None:
    answer = house.app.test_client().open(address(rule), method=method)

    assert caller == "everybody"
    assert answer.status_code < 500
    assert "Maison du Sandbox" not in answer.text


def test_forged_session_is_a_stranger(house: House) -> None:
    client: FlaskClient = house.app.test_client()
    client.set_cookie("propale", "forged", domain="localhost")

    assert client.get("/connections").headers["Location"] == "/sign-in"


@pytest.mark.parametrize(("rule", "method", "caller"), ROUTES, ids=NAMES)
def test_answer_carries_the_protecting_headers(
    house: House, rule: Rule, method: str, caller: str
) -> None:
    headers = house.app.test_client().open(address(rule), method=method).headers

    assert caller in CALLERS
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
