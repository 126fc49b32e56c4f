"""Which headers which kind of answer carries: all kinds stand in `headers.txt`, to be read."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app import create_app
from app.accounts.sessions import make_sign_in_link, open_session
from tests.factories import return_token_of, token_of
from tests.support.house import House
from tests.web.card_calls import Call, deal
from tests.web.test_route_auth import ROUTES, address

KINDS = Path(__file__).with_name("headers.txt")
HTTPS = "https://propale.test"
# They say what an answer is about, not how it is protected.
OF_CONTENT = {"Content-Length", "Location", "Allow", "Vary", "Content-Disposition", "X-Request-ID"}


@pytest.fixture
def browser(house: House) -> FlaskClient:
    """A colleague's browser, on the product as it is reached by HTTPS."""
    settings = replace(house.runtime.settings, public_url=HTTPS)
    client = create_app(settings, replace(house.runtime, settings=settings)).test_client()
    client.environ_base["HTTP_ORIGIN"] = HTTPS
    with house.runtime.database.writing(house.tenant_id) as session:
        token = open_session(
            session, house.tenant_id, house.account.user, "dana@maison.example", ""
        )
    client.set_cookie("__Host-propale", token, domain="propale.test", secure=True)
    return client


def kind(answer: TestResponse) -> str:
    """The protecting headers, one a line, what differs each time as *."""
    kept = [f"{name}: {text}" for name, text in answer.headers if name not in OF_CONTENT]
    masked = re.sub(r"'nonce-[^']+'", "'nonce-*'", "\n".join(kept))
    masked = re.sub(r"http://127.0.0.1:\d+", "STRIPE", masked)
    masked = re.sub(r"'sha256-[^']+'", "'sha256-*'", masked)
    masked = re.sub(r"(Set-Cookie: [\w-]+)=[\w-]+", r"\1=*", masked)
    masked = re.sub(r"Expires=[^;]+", "Expires=*", masked)
    masked = re.sub(r"Refresh: .*", "Refresh: *", masked)
    return "\n".join(sorted(masked.splitlines()))


def answers(house: House, browser: FlaskClient) -> Iterator[tuple[str, TestResponse]]:
    """What strangers get from every route, colleagues from theirs, and everybody from the rest."""
    stranger = browser.application.test_client()
    stranger.environ_base |= browser.environ_base
    proposal = house.send()
    for rule, method, caller in ROUTES:
        yield f"{method} {rule.rule}", stranger.open(address(rule), method=method, base_url=HTTPS)
        if caller.startswith("colleague") and method == "GET":
            yield (
                f"colleague {rule.rule}",
                browser.get(of(proposal.public_id, rule), base_url=HTTPS),
            )
    yield "offer", stranger.get(f"/p/{token_of(proposal)}", base_url=HTTPS)
    purchase = house.accept(proposal)
    for path in (f"/p/{token_of(proposal)}", f"/r/{return_token_of(purchase)}?done=1"):
        yield "standing", stranger.get(path, base_url=HTTPS)
    call = Call(deal(), origin=HTTPS)
    yield "card", stranger.get(call.target, headers=call.headers(), base_url=HTTPS)
    with house.runtime.database.writing(house.tenant_id) as session:
        link = make_sign_in_link(session, house.account.user, "dana@maison.example")
    yield "one-time link", stranger.get(f"/sign-in/{link}", base_url=HTTPS)
    yield "nowhere", stranger.get("/nowhere", base_url=HTTPS)


def of(public_id: str, rule: Rule) -> str:
    return address(rule).replace("nobody", public_id)


def test_answers_carry_the_headers_of_their_kind(house: House, browser: FlaskClient) -> None:
    found: dict[str, list[str]] = defaultdict(list)
    for name, answer in answers(house, browser):
        found[kind(answer)].append(f"{answer.status_code} {name}")

    blocks = KINDS.read_text(encoding="utf-8").split("\n\n")
    known = {"\n".join(block.strip().splitlines()[1:]): block for block in blocks}
    assert {headers: names for headers, names in found.items() if headers not in known} == {}
    assert {block for headers, block in known.items() if headers not in found} == set()


def test_every_kind_is_closed_to_others() -> None:
    for block in KINDS.read_text(encoding="utf-8").split("\n\n"):
        title, *headers = block.strip().splitlines()
        assert title.startswith("# ")
        said = dict(header.split(": ", 1) for header in headers)
        policy = dict(
            part.partition(" ")[::2] for part in said["Content-Security-Policy"].split("; ")
        )
        assert policy["default-src"] == "'none'"
        assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
        assert not {"unsafe-inline", "unsafe-eval", "*"} & set(policy["style-src"].split())
        assert said["Strict-Transport-Security"].startswith("max-age=31536000")
        assert said["X-Content-Type-Options"] == "nosniff"
        assert said["Referrer-Policy"] == "same-origin"
