"""Anything may come to any door, well signed or not: no 500, and nothing stored by the way.

A normal run plays a few hundred cases, `--long` 20,000.
"""

from __future__ import annotations

import json
import uuid
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import strategies as st

from app.accounts.install import begin_install
from app.db import EVERY_TENANT
from app.models import Message
from tests.factories import return_token_of, token_of
from tests.support.house import ON_BOTH, House
from tests.web.browsing import signed_in
from tests.web.card_calls import Call, send
from tests.web.forms import read
from tests.web.fuzzing import Rows, bodies, known, play, sound, texts, trees
from tests.web.test_route_auth import ROUTES

pytestmark = [ON_BOTH, pytest.mark.timeout(1800)]
# Of one test on one database. PostgreSQL takes less than SQLite, and it is what holds real tenants.
SHARES, LONG_SHARE = {"postgresql": 30, "sqlite": 10}, 1450


@pytest.fixture
def times(request: pytest.FixtureRequest, house: House) -> int:
    if request.config.getoption("--long"):
        return LONG_SHARE
    return SHARES["sqlite" if house.runtime.database.sqlite else "postgresql"]


def filled(rule: str, argument: str) -> str:
    """The route with this text, as an address carries it, in each of its places."""
    parts = [quote(argument, safe="") if p.startswith("<") else p for p in rule.split("/")]
    return "/".join(parts)


rules = st.sampled_from(sorted({(method, rule.rule) for rule, method, _ in ROUTES}))
queries = st.dictionaries(
    known("lang", "state", "code", "error", "go", "done", "read", "saved", "check", "before"),
    texts,
    max_size=3,
)


def test_stranger_gets_no_fault_and_leaves_nothing(house: House, times: int) -> None:
    client, rows = house.app.test_client(), Rows(house.runtime.database)
    headers = st.dictionaries(
        st.sampled_from(["Accept-Language", "Content-Type", "Cookie", "Origin", "Range"]),
        st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40),
        max_size=2,
    )

    def check(case: Any) -> None:
        (method, rule), argument, query, sent, body = case
        sound(
            client.open(
                filled(rule, argument) + "?" + urlencode(query),
                method=method,
                headers=sent,
                data=body,
            )
        )

    play(st.tuples(rules, texts, queries, headers, bodies), check, times)

    assert set(rows.grown()) <= {"install_states"}


clicks = st.fixed_dictionaries(
    {
        "requestId": known(str(uuid.UUID(int=5)), str(uuid.UUID(int=6))),
        "recipientContactId": known("1101"),
        "shown": known("0" * 64),
        "proposalId": known(str(uuid.UUID(int=7))),
    }
)
identities = st.fixed_dictionaries(
    {
        "userId": known("7001"),
        "portalId": known("148111", "148222"),
        "userEmail": known("dana@maison.example"),
        "appId": known("4242"),
        "lang": known("fr", "en"),
        "check": known("again", ""),
    }
)
calls = st.sampled_from(["", "/proposals", "/withdraw"])


def test_signed_card_call_is_never_a_fault(house: House, times: int) -> None:
    taken = set()

    def check(case: Any) -> None:
        deal, below, who, body = case
        path = f"/api/card/deals/{quote(deal, safe='')}{below}?{urlencode(who)}"
        answer = sound(send(house, Call(path, "POST" if below else "GET", body)))
        if answer.status_code == 202:
            taken.add(json.loads(body)["requestId"])

    rows = Rows(house.runtime.database)
    body = st.one_of(bodies, clicks.map(lambda click: json.dumps(click).encode()))
    play(st.tuples(known("5101", "5102"), calls, identities, body), check, times)

    grown = rows.grown()
    assert grown.pop("proposal_requests", 0) == len(taken)
    assert set(grown) <= {"deals", "messages", "portal_owners", "portal_tax_rates"}


def test_signed_sign_in_is_never_a_fault(house: House, times: int) -> None:
    def check(who: dict[str, str]) -> None:
        sound(send(house, Call(f"/api/card/sign-in?{urlencode(who)}", "POST", b"{}")))

    rows = Rows(house.runtime.database)
    play(identities, check, times)

    # Whoever HubSpot names is met, which the journal tells.
    assert set(rows.grown()) <= {"sign_in_links", "colleagues", "audit_entries"}


events = st.fixed_dictionaries(
    {
        "id": known("evt_1", "evt_2", "evt_3"),
        "type": known("invoice.paid", "checkout.session.completed", "charge.dispute.created"),
        "livemode": known(False),
        "account": known("acct_sandbox0001"),
        "data": st.one_of(st.fixed_dictionaries({"object": trees}), trees),
        "created": st.one_of(st.integers(), trees),
    }
)
objects = st.fixed_dictionaries(
    {
        "id": known("in_1", "cs_1"),
        "object": known("invoice", "checkout.session", "subscription"),
        "metadata": st.one_of(trees, st.dictionaries(known("propale_purchase"), texts)),
        "customer": trees,
        "subscription": trees,
        "parent": trees,
    }
)
worded = st.builds(lambda event, thing: {**event, "data": {"object": thing}}, events, objects)


def test_signed_event_is_never_a_fault(house: House, times: int) -> None:
    kept = set()

    def check(body: bytes) -> None:
        if sound(house.post_webhook(body)).status_code == 200:
            kept.add(json.loads(body)["id"])

    rows = Rows(house.runtime.database)
    told = st.one_of(events, worded).map(lambda event: json.dumps(event).encode())
    play(st.one_of(told, bodies), check, times)

    assert set(rows.grown()) <= {"messages"}
    assert rows.grown().get("messages", 0) == len(kept)
    house.drain.run()
    with house.runtime.database.reading(EVERY_TENANT) as session:
        inbox = session.query(Message).filter(Message.kind == "inbox.stripe").all()
    assert {row.last_error for row in inbox if "Traceback" in (row.last_error or "")} == set()


def test_return_from_hubspot_is_never_a_fault(house: House, times: int) -> None:
    client = house.app.test_client()
    client.set_cookie("propale_install", "browser", domain="localhost")

    def check(case: tuple[bool, dict[str, str]]) -> None:
        genuine, query = case
        if genuine:
            with house.runtime.database.writing(EVERY_TENANT) as session:
                query = {**query, "state": begin_install(session, "browser")}
        sound(client.get("/oauth/hubspot/callback?" + urlencode(query)))

    rows = Rows(house.runtime.database)
    play(st.tuples(st.booleans(), queries), check, times)

    assert set(rows.grown()) <= {"install_states"}


def test_customers_form_is_never_a_fault(house: House, times: int) -> None:
    proposal = house.sent()
    client = house.app.test_client()
    client.environ_base["HTTP_ORIGIN"] = house.runtime.settings.public_url
    page = read(client, f"/p/{token_of(proposal)}")
    forms = [page.form("/accept", method="card"), page.form("/decline")]
    typed = st.dictionaries(known("method", "version", "reason"), texts, max_size=3)

    def check(case: Any) -> None:
        (action, fields), changes = case
        changed = {"method": "none", "version": "0", **changes}
        sound(client.post(action, data={**fields, **changed}))

    rows = Rows(house.runtime.database)
    play(st.tuples(st.sampled_from(forms), typed), check, times)

    assert rows.grown() == {}


def test_reason_of_a_refusal_is_never_a_fault(house: House, times: int) -> None:
    client = house.app.test_client()
    client.environ_base["HTTP_ORIGIN"] = house.runtime.settings.public_url
    action, fields = read(client, f"/p/{token_of(house.sent())}").form("/decline")

    sound(client.post(action, data={**fields, "reason": "\0 \r\n \u202e" + "x" * 50_000}))

    assert house.proposal("5101").status == "declined"
    rows = Rows(house.runtime.database)
    again = lambda reason: sound(client.post(action, data={**fields, "reason": reason}))  # noqa: E731
    play(texts, again, min(times, 30))
    assert rows.grown() == {}


def test_colleagues_form_is_never_a_fault(house: House, times: int) -> None:
    client = signed_in(house)
    _, fields = read(client, "/connections").form("/sign-out")
    posts = [
        rule.rule
        for rule, method, caller in ROUTES
        if method == "POST" and caller.startswith("colleague") and rule.rule != "/sign-out"
    ]
    pages = {
        rule.rule
        for rule, method, caller in ROUTES
        if method == "GET" and caller.startswith("colleague") and not rule.arguments
    }
    forms = [form for page in sorted(pages) for _, form in read(client, page).forms]
    names = known(*sorted({field for form in forms for field in form}))
    typed = st.dictionaries(names.filter(lambda name: name != "csrf_token"), texts, max_size=6)

    def check(case: Any) -> None:
        rule, argument, changes = case
        sound(client.post(filled(rule, argument), data={**fields, **changes}))

    rows = Rows(house.runtime.database)
    play(st.tuples(st.sampled_from(posts), texts, typed), check, times)

    assert set(rows.grown()) <= {"messages", "audit_entries", "mail_tests"}


def test_colleagues_page_is_never_a_fault(house: House, times: int) -> None:
    client = signed_in(house)
    pages = [rule.rule for rule, m, who in ROUTES if m == "GET" and who.startswith("colleague")]

    def check(case: Any) -> None:
        rule, argument, query = case
        sound(client.get(filled(rule, argument) + "?" + urlencode(query)))

    rows = Rows(house.runtime.database)
    play(st.tuples(st.sampled_from(pages), texts, queries), check, times)

    assert set(rows.grown()) <= {"messages", "audit_entries", "install_states"}


def test_return_page_is_never_a_fault(house: House, times: int) -> None:
    purchase = house.accepted("5101")
    client = house.app.test_client()
    at = f"/r/{return_token_of(purchase)}"

    def check(case: Any) -> None:
        below, query = case
        sound(client.get(f"{at}{below}?{urlencode(query)}"))

    rows = Rows(house.runtime.database)
    play(st.tuples(st.sampled_from(["", "/invoice", "/"]), queries), check, min(times, 30))

    assert set(rows.grown()) <= {"messages"}
