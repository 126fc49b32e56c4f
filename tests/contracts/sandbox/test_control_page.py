"""The control page's buttons: faults of one's own, Stripe's webhooks, tokens, `kill -9`."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
import requests

from sandbox.control.presets import BEFALLS, PRESETS, WEBHOOKS
from sandbox.hubspot.tokens import access_tokens
from sandbox.stripe.mischief import KINDS
from sandbox.supervisor import Notices
from tests.contracts.sandbox.conftest import install

if TYPE_CHECKING:
    from sandbox.server import Server


def press(server: Server, button: str, **form: str) -> requests.Response:
    return requests.post(f"{server.url}/control/buttons/{button}", data=form, timeout=5)


def ask_stripe(server: Server) -> int:
    """Ask for the account; returns the status of the answer."""
    headers = {"Authorization": "Bearer rk_test_sandbox0001"}
    return requests.get(f"{server.url}/stripe/v1/account", headers=headers, timeout=5).status_code


def test_fault_of_ones_own_begins_at_its_call(sandbox: Server) -> None:
    form = {"method": "GET", "path": "/v1/account", "happens": "status:503"}

    page = press(sandbox, "fault", vendor="stripe", call="3", times="2", **form).text

    assert "après 2 appels" in page
    assert [ask_stripe(sandbox) for _ in range(5)] == [200, 200, 503, 503, 200]


def test_cut_is_armed_from_the_form(sandbox: Server) -> None:
    press(sandbox, "fault", vendor="stripe", happens="cut:after")

    with pytest.raises(requests.ConnectionError):
        ask_stripe(sandbox)


@pytest.mark.parametrize(
    "form",
    [
        {"vendor": "post", "happens": "status:500"},
        {"vendor": "stripe", "happens": "cut:never"},
        {"vendor": "stripe", "happens": "status:500", "times": "many"},
        {"vendor": "stripe", "happens": "status:5000"},
        {"vendor": "stripe", "happens": "status:500", "method": "RCPT"},
        {"vendor": "mail", "happens": "status:451", "method": "POST"},
        {"vendor": "stripe", "happens": "status:500", "path": "v1/invoices"},
        {"vendor": "stripe", "happens": "status:500", "call": "0"},
    ],
)
def test_fault_nobody_understands_is_refused_in_words(
    sandbox: Server, form: dict[str, str]
) -> None:
    page = press(sandbox, "fault", **form)

    assert 'role="alert">Cette panne n’est pas armée' in page.text
    assert sandbox.world.faults.listed() == []


def test_form_keeps_what_was_typed(sandbox: Server) -> None:
    form = {"vendor": "slack", "method": "POST", "path": "/api/*", "happens": "cut:after"}

    page = press(sandbox, "fault", **form, times="3").text

    for kept in ("slack", "POST", 'value="cut:after"'):
        assert re.search(rf"<option[^<]*{kept}[^<]*selected|<option selected>{kept}<", page), kept
    assert 'name="path" value="/api/*"' in page
    assert 'name="times" type="number" min="1" value="3"' in page


@pytest.mark.parametrize("button", WEBHOOKS)
def test_webhooks_are_disturbed_from_the_page(sandbox: Server, button: str) -> None:
    page = press(sandbox, "webhooks", webhooks=button).text

    kind = WEBHOOKS[button][1]["action"]
    assert BEFALLS[kind] in page
    assert set(WEBHOOKS) == set(BEFALLS) == set(KINDS)


def test_disarming_calms_webhooks_too(sandbox: Server) -> None:
    press(sandbox, "webhooks", webhooks="drop")
    press(sandbox, "arm", preset=next(iter(PRESETS)))

    page = press(sandbox, "disarm").text

    assert "tout répond normalement" in page


def test_tokens_expire_from_the_page(sandbox: Server) -> None:
    install(sandbox)

    press(sandbox, "expire-tokens", portal="148111")

    ends = [row["expires_at"] for row in access_tokens(sandbox.world).values()]
    assert ends
    assert all(datetime.fromisoformat(end) <= datetime.now(UTC) for end in ends)


def test_kill_asks_the_supervisor(sandbox: Server) -> None:
    notices = Notices(sandbox.world.settings.data_dir)
    rows = {"web": {"pid": 41, "since": 0, "deaths": 0}}
    notices.write({**rows, "worker": {"pid": 42, "since": 0, "deaths": 2}})

    page = press(sandbox, "kill", process="worker").text

    assert "processus 42" in page
    assert "tué 2 fois" in page
    assert 'value="stripe-slow"' in page
    assert {'href="/hubspot-app/"', 'href="/mail"', 'href="/stripe/dashboard"'} <= set(
        re.findall(r'href="[^"]+"', page)
    )
    assert [notices.take_kill(name) for name in ("web", "worker", "worker")] == [False, True, False]
    notices.clear()


def test_only_web_and_worker_can_be_killed(sandbox: Server) -> None:
    assert press(sandbox, "kill", process="sandbox").status_code == 404


def test_page_of_an_unsupervised_sandbox_kills_nobody(sandbox: Server) -> None:
    page = requests.get(f"{sandbox.url}/control/", timeout=5).text

    assert "kill -9" not in page


def test_json_fault_begins_at_its_call(sandbox: Server) -> None:
    fault = {"vendor": "stripe", "status": 500, "skip": 1}
    requests.post(f"{sandbox.url}/control/faults", json=fault, timeout=5)

    assert [ask_stripe(sandbox) for _ in range(3)] == [200, 500, 200]
