"""Each request is one line, and one id leads from the card's click to the message in Slack."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app import create_app
from app.db import Database
from app.models import Purchase
from app.settings import Settings
from tests.support.environ import CLOSED
from tests.support.house import House
from tests.support.logs import Line, Lines
from tests.web.forms import read, send
from tests.web.webhook_calls import event


def requests_of(lines: Lines, route: str) -> list[Line]:
    return lines.of("request", route=route)


def accept(house: House, link: str) -> None:
    """The customer opens the link in her mail and chooses a card; a worker opens Stripe's page."""
    browser = house.app.test_client()
    browser.environ_base["HTTP_ORIGIN"] = house.runtime.settings.public_url
    page = read(browser, link)
    answer = house.work_meanwhile(lambda: send(browser, page, "/accept", {"method": "card"}))
    assert answer.status_code == 303, answer.text


def path_of_link(house: House) -> str:
    [mail] = [mail for mail in house.mails() if "/p/" in mail["text"]]
    token: str = mail["text"].partition("/p/")[2].split()[0]
    return f"/p/{token}"


def test_one_id_leads_from_the_card_to_slack(house: House, lines: Lines) -> None:
    house.send("5101")
    accept(house, path_of_link(house))
    purchase = house.read(lambda session: session.query(Purchase).one())
    house.enter(purchase)
    house.settle()

    [click] = requests_of(lines, "/api/card/deals/<deal_id>/proposals")
    flow = {"request_id": click["request_id"], "tenant": house.tenant_id}
    told = {line["kind"] for line in lines.of("message", **flow)}
    assert {"email.proposal_sent", "slack.accepted", "slack.paid", "hubspot.sync_deal"} <= told
    [accepted] = requests_of(lines, "/p/<token>/accept")
    assert accepted.items() >= flow.items()
    assert accepted["own_request_id"] != click["request_id"]
    for kind in ("slack.accepted", "slack.paid"):
        [line] = lines.of("message", kind=kind)
        assert line["proposal"] == house.proposal("5101").number


def test_request_is_one_line_without_its_link(house: House, lines: Lines) -> None:
    house.sent("5101")
    link = path_of_link(house)

    house.app.test_client().get(link)

    [line] = requests_of(lines, "/p/<token>")
    assert (line["method"], line["status"], line["log_level"]) == ("GET", 200, "info")
    assert line["tenant"] == house.tenant_id
    assert line["proposal"] == house.proposal("5101").number
    assert line["ms"] > 0
    assert link not in str(lines.captured.entries)


def test_card_call_says_who_called(house: House, lines: Lines) -> None:
    house.view("5101")

    [line] = requests_of(lines, "/api/card/deals/<deal_id>")
    assert (line["tenant"], line["user"]) == (house.tenant_id, house.account.user)


def test_webhook_is_one_line_and_its_message_has_its_id(house: House, lines: Lines) -> None:
    house.post_event(event())

    [line] = requests_of(lines, "/webhooks/stripe/<public_id>")
    assert (line["status"], line["tenant"]) == (200, house.tenant_id)
    assert line["log_level"] == "debug"
    assert house.message("inbox.stripe").request_id == line["request_id"]


def test_refused_webhook_is_shown(house: House, lines: Lines) -> None:
    house.post_event(event(), secret="whsec_of_another")

    [line] = requests_of(lines, "/webhooks/stripe/<public_id>")
    assert (line["status"], line["log_level"]) == (400, "info")


def test_unknown_address_is_a_line_without_a_route(house: House, lines: Lines) -> None:
    house.app.test_client().get("/p0/what-is-this")

    [line] = requests_of(lines, "")
    assert line["status"] == 404
    assert "what-is-this" not in str(line)


def test_probe_is_shown_for_debugging_only(house: House, lines: Lines) -> None:
    house.app.test_client().get("/healthz")

    assert requests_of(lines, "/healthz")[0]["log_level"] == "debug"


def test_request_that_fails_is_an_error(house: House, lines: Lines) -> None:
    database = Database(CLOSED["DATABASE_URL"])
    app = create_app(house.runtime.settings, replace(house.runtime, database=database))

    app.test_client().get("/p/some-link")

    [line] = requests_of(lines, "/p/<token>")
    assert (line["status"], line["log_level"]) == (503, "error")


@pytest.mark.parametrize(("hops", "kept"), [(0, False), (1, True)])
def test_id_of_a_proxy_is_kept_only_behind_one(
    house: House, lines: Lines, hops: int, kept: bool
) -> None:
    settings: Settings = replace(house.runtime.settings, trusted_proxies=hops)
    app = create_app(settings, replace(house.runtime, settings=settings))

    app.test_client().get("/healthz", headers={"X-Request-ID": "id-of-the-proxy"})

    [line] = requests_of(lines, "/healthz")
    assert (line["request_id"] == "id-of-the-proxy") is kept


def test_next_request_begins_anew(house: House, lines: Lines) -> None:
    house.view("5101")
    house.app.test_client().get("/healthz")

    assert "tenant" not in requests_of(lines, "/healthz")[0]
