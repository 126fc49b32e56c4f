"""An installation by a workspace: asked, allowed or refused, its code exchanged once."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.slack.teams import SCOPES, channels, revoke

if TYPE_CHECKING:
    from sandbox.server import Server

BACK = "http://127.0.0.1:9/oauth/slack/callback"


def asked(server: Server, **changes: str) -> dict[str, str]:
    """What the product's button sends, with changes."""
    settings = server.world.settings
    return {
        "client_id": settings.slack_client_id,
        "redirect_uri": BACK,
        "scope": ",".join(SCOPES),
        "state": "s t&te",
        **changes,
    }


def decide(server: Server, **changes: str) -> requests.Response:
    form = {**asked(server), "team": "T0SANDBOX", "decision": "approve", **changes}
    return requests.post(
        f"{server.world.settings.slack_app_base}/oauth/v2/authorize",
        data=form,
        allow_redirects=False,
        timeout=5,
    )


def brought_back(answer: requests.Response) -> dict[str, str]:
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}


def exchange(server: Server, code: str, **changes: Any) -> Any:
    settings = server.world.settings
    client = WebClient(base_url=f"{settings.slack_api_base}/", retry_handlers=[])
    given = {
        "client_id": settings.slack_client_id,
        "client_secret": settings.slack_client_secret,
        "code": code,
        "redirect_uri": BACK,
    }
    return client.oauth_v2_access(**{**given, **changes})


def refusal(server: Server, code: str, **changes: str) -> str:
    with pytest.raises(SlackApiError) as caught:
        exchange(server, code, **changes)
    return str(caught.value.response["error"])


def test_code_becomes_a_bot_token_of_the_workspace(sandbox: Server) -> None:
    back = brought_back(decide(sandbox, team="T0AUTRE"))

    grant = exchange(sandbox, back["code"])

    assert back["state"] == "s t&te"
    assert (grant["team"]["id"], grant["token_type"]) == ("T0AUTRE", "bot")
    assert set(grant["scope"].split(",")) == set(SCOPES)
    bot = WebClient(
        token=grant["access_token"], base_url=f"{sandbox.world.settings.slack_api_base}/"
    )
    assert bot.auth_test()["team"] == "Autre Maison"


def test_person_who_refuses_is_sent_back_so(sandbox: Server) -> None:
    back = brought_back(decide(sandbox, decision="refuse"))

    assert back == {"error": "access_denied", "state": "s t&te"}


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"client_id": "9.9"}, "invalid_client_id"),
        ({"redirect_uri": "http://127.0.0.1:9/elsewhere"}, "bad_redirect_uri"),
        ({"scope": "chat:write,users:read"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
    ],
)
def test_wrong_request_stays_on_slacks_page(
    sandbox: Server, changes: dict[str, str], word: str
) -> None:
    answer = decide(sandbox, **changes)

    assert answer.status_code == 400
    assert word in answer.text


def test_code_is_good_once(sandbox: Server) -> None:
    code = brought_back(decide(sandbox))["code"]
    exchange(sandbox, code)

    assert refusal(sandbox, code) == "code_already_used"


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"client_id": "9.9"}, "invalid_client_id"),
        ({"client_secret": "guessed"}, "bad_client_secret"),
        ({"redirect_uri": "http://127.0.0.1:9/elsewhere"}, "bad_redirect_uri"),
    ],
)
def test_wrong_exchange_is_refused(sandbox: Server, changes: dict[str, str], word: str) -> None:
    code = brought_back(decide(sandbox))["code"]

    assert refusal(sandbox, code, **changes) == word


def test_invented_code_is_refused(sandbox: Server) -> None:
    assert refusal(sandbox, "invented") == "invalid_code"


def test_old_code_is_refused(sandbox: Server) -> None:
    code = brought_back(decide(sandbox))["code"]
    table = sandbox.world.store.table("slack", "codes")
    table[code] = {**table[code], "until": (sandbox.world.clock.wall() - timedelta(1)).isoformat()}

    assert refusal(sandbox, code) == "invalid_code"


def test_journal_keeps_no_code(sandbox: Server) -> None:
    code = brought_back(decide(sandbox))["code"]
    exchange(sandbox, code)

    assert code not in str(sandbox.world.journal.entries("slack")[-1])


def test_uninstalled_app_is_inactive_and_in_no_channel(sandbox: Server) -> None:
    token = exchange(sandbox, brought_back(decide(sandbox))["code"])["access_token"]
    bot = WebClient(token=token, base_url=f"{sandbox.world.settings.slack_api_base}/")
    bot.conversations_join(channel="C0VENTES")

    revoke(sandbox.world, "T0SANDBOX", uninstalled=True)

    with pytest.raises(SlackApiError) as caught:
        bot.auth_test()
    assert caught.value.response["error"] == "account_inactive"
    assert not channels(sandbox.world, "T0SANDBOX")["C0VENTES"]["is_member"]
