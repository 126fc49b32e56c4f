"""Every form wants its page's nonce and our own origin: walked over all routes that take one."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.accounts.roles import Right
from tests.factories import return_token_of, token_of
from tests.support.contents import contents
from tests.support.house import House
from tests.web.browsing import signed_in
from tests.web.forms import read
from tests.web.test_route_auth import ROUTES, address

# Signed by a vendor over the whole body: a browser cannot be made to send it.
SIGNED = {"signed card", "signed Stripe"}
FORMS = [(rule, caller) for rule, method, caller in ROUTES if method == "POST"]
FORMS = [(rule, caller) for rule, caller in FORMS if caller not in SIGNED]
OURS = "http://propale.test"
FOREIGN = [
    {"Origin": "http://evil.example"},
    {"Origin": "http://propale.test.evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": OURS, "Sec-Fetch-Site": "cross-site"},
    {"Origin": OURS, "Sec-Fetch-Site": "same-site"},
]

Form = tuple[FlaskClient, str, dict[str, str]]


def colleagues(house: House, rule: Rule) -> Form:
    """One token serves all forms of a session."""
    client = signed_in(house)
    _, fields = read(client, "/connections").form("/sign-out")
    return client, address(rule), {"csrf_token": fields["csrf_token"]}


def customers(house: House, rule: Rule) -> Form:
    """The form as it stands on the page of a proposal that is open, or to be paid."""
    proposal = house.sent()
    at = f"/p/{token_of(proposal)}"
    if rule.rule.endswith("/pay"):
        purchase = house.accept(proposal)
        at = f"/r/{return_token_of(purchase)}" if rule.rule.startswith("/r/") else at
    client = house.app.test_client()
    client.environ_base["HTTP_ORIGIN"] = OURS
    action, fields = read(client, at).form(rule.rule.rpartition("/")[2])
    return client, action, fields


PAGES: dict[str, Callable[[House, Rule], Form]] = {
    "colleague": colleagues,
    **{f"colleague who may {right}": colleagues for right in Right},
    "holder of the link": customers,
    "holder of the return link": customers,
}


def post(form: Form, **headers: str) -> TestResponse:
    client, action, fields = form
    return client.post(action, data=fields, headers=headers)


@pytest.mark.parametrize(("rule", "caller"), FORMS, ids=[rule.rule for rule, _ in FORMS])
def test_form_without_proof_is_403(house: House, rule: Rule, caller: str) -> None:
    client, action, fields = form = PAGES[caller](house, rule)
    proof = "csrf_token" if caller.startswith("colleague") else "nonce"
    before = contents(house.runtime.database)

    answers = [post(form, **headers) for headers in FOREIGN]
    forged: list[dict[str, str]] = [{proof: text} for text in ("", "é" * 64, "0" * 64)]
    rest = {name: value for name, value in fields.items() if name != proof}
    answers += [client.post(action, data={**rest, **claim}) for claim in [{}, *forged]]

    assert {answer.status_code for answer in answers} == {403}
    assert contents(house.runtime.database) == before
    assert post(form).status_code != 403


def test_form_with_what_nobody_types_is_403(house: House) -> None:
    """NUL, which PostgreSQL cannot store: it would look as if the database were away."""
    client = signed_in(house)
    _, fields = read(client, "/connections").form("/sign-out")
    posts = [address(rule) for rule, caller in FORMS if caller.startswith("colleague")]

    answers = {path: client.post(path, data={**fields, "channel": "a\0"}) for path in posts}

    assert {answer.status_code for answer in answers.values()} == {403}
