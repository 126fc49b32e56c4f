"""Slack's methods, called by Slack's own SDK."""

from __future__ import annotations

import time
from http.client import RemoteDisconnected
from typing import TYPE_CHECKING, Any

import pytest
import requests
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from sandbox.slack.teams import messages, tokens

if TYPE_CHECKING:
    from sandbox.server import Server

TOKEN = "xoxb-sandbox-token"


def client(server: Server, token: str = TOKEN) -> WebClient:
    return WebClient(
        token=token, base_url=f"{server.world.settings.slack_api_base}/", retry_handlers=[]
    )


@pytest.fixture
def slack(sandbox: Server) -> WebClient:
    bot = client(sandbox)
    bot.conversations_join(channel="C0VENTES")
    return bot


def error_of(call: Any, **arguments: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        call(**arguments)
    return str(caught.value.response["error"])


def test_token_names_its_workspace(sandbox: Server) -> None:
    assert client(sandbox).auth_test()["team_id"] == "T0SANDBOX"
    assert client(sandbox, "xoxb-sandbox-token-2").auth_test()["team_id"] == "T0AUTRE"
    assert error_of(client(sandbox, "xoxb-unknown").auth_test) == "invalid_auth"


def test_private_channel_is_listed_after_invitation(sandbox: Server, slack: WebClient) -> None:
    kinds = "public_channel,private_channel"
    before = {one["name"] for one in slack.conversations_list(types=kinds)["channels"]}
    requests.post(
        f"{sandbox.world.settings.slack_app_base}/client/T0SANDBOX/C0DIRECTION/invite", timeout=5
    )

    after = {one["name"] for one in slack.conversations_list(types=kinds)["channels"]}

    assert after - before == {"direction"}
    assert slack.chat_postMessage(channel="C0DIRECTION", text="bonjour")["ok"]


def test_channel_list_goes_by_pages(slack: WebClient) -> None:
    names, cursor = [], ""
    while True:
        page = slack.conversations_list(limit=1, cursor=cursor)
        names += [one["name"] for one in page["channels"]]
        cursor = page["response_metadata"]["next_cursor"]
        if not cursor:
            break

    assert names == ["ventes", "général", "anciens-projets"]


def test_history_gives_fewer_than_asked_and_a_cursor(slack: WebClient) -> None:
    for number in range(101):
        slack.chat_postMessage(channel="C0VENTES", text=str(number))

    first = slack.conversations_history(channel="C0VENTES", limit=200)
    slack.chat_postMessage(channel="C0VENTES", text="meanwhile")
    cursor = first["response_metadata"]["next_cursor"]
    rest = slack.conversations_history(channel="C0VENTES", limit=200, cursor=cursor)

    assert first["has_more"]
    assert [one["text"] for one in first["messages"]] == [str(n) for n in range(100, 0, -1)]
    assert [one["text"] for one in rest["messages"]] == ["0"]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"limit": 1000}, "invalid_limit"),
        ({"cursor": "next:5"}, "invalid_cursor"),
        ({"oldest": "yesterday"}, "invalid_ts_oldest"),
        ({"latest": "-1"}, "invalid_ts_latest"),
    ],
)
def test_history_refuses_what_it_cannot_read(
    slack: WebClient, arguments: dict[str, Any], error: str
) -> None:
    assert error_of(slack.conversations_history, channel="C0VENTES", **arguments) == error


def test_answers_name_the_tokens_scopes(slack: WebClient) -> None:
    scopes = slack.auth_test().headers["X-OAuth-Scopes"]

    assert {"chat:write", "groups:history"} <= set(scopes.split(","))


def test_answers_name_the_scopes_the_call_needs(slack: WebClient) -> None:
    needed = slack.conversations_list(types="public_channel,private_channel").headers

    assert needed["X-Accepted-OAuth-Scopes"] == "channels:read,groups:read"


def press(server: Server, path: str, **form: str) -> requests.Response:
    base = server.world.settings.slack_app_base
    return requests.post(f"{base}/client/T0SANDBOX/{path}", data=form, timeout=5)


@pytest.mark.parametrize(
    ("button", "error"),
    [
        ("archive", "is_archived"),
        ("read-only", "restricted_action_read_only_channel"),
        ("remove", "not_in_channel"),
    ],
)
def test_team_closes_a_channel_and_opens_it(
    sandbox: Server, slack: WebClient, button: str, error: str
) -> None:
    pages = [press(sandbox, f"C0VENTES/{button}").status_code]
    refused = error_of(slack.chat_postMessage, channel="C0VENTES", text="x")
    pages.append(press(sandbox, f"C0VENTES/{button.replace('remove', 'invite')}").status_code)

    assert pages == [200, 200]
    assert refused == error
    assert slack.chat_postMessage(channel="C0VENTES", text="x")["ok"]


@pytest.mark.parametrize(
    ("form", "error"), [({}, "token_revoked"), ({"all": "1"}, "account_inactive")]
)
def test_admin_takes_the_token_back(
    sandbox: Server, slack: WebClient, form: dict[str, str], error: str
) -> None:
    page = press(sandbox, "revoke", **form)

    assert "n’est plus installé" in page.text
    assert error_of(slack.auth_test) == error


def test_revoked_token_says_so(sandbox: Server, slack: WebClient) -> None:
    tokens(sandbox.world)[TOKEN] = {"team": "T0SANDBOX", "scopes": None}

    assert error_of(slack.auth_test) == "token_revoked"


def test_last_token_given_back_takes_the_app_along(sandbox: Server, slack: WebClient) -> None:
    tokens(sandbox.world)["xoxb-other"] = tokens(sandbox.world)[TOKEN]
    other = client(sandbox, "xoxb-other")

    asked = slack.auth_revoke(test=True)["revoked"]
    first = slack.auth_revoke()["revoked"]
    error, still = error_of(slack.auth_test), other.auth_test()["ok"]
    other.auth_revoke()

    assert (asked, first, error, still) == (False, True, "token_revoked", True)
    assert error_of(other.auth_test) == "account_inactive"


def test_method_nobody_plays_is_unknown(slack: WebClient) -> None:
    assert error_of(slack.api_call, api_method="chat.unfurl") == "unknown_method"


@pytest.mark.parametrize(
    ("channel", "error"),
    [
        ("C0GENERAL", "not_in_channel"),
        ("C0DIRECTION", "channel_not_found"),
        ("C0NOWHERE", "channel_not_found"),
        ("C0ANCIENS", "is_archived"),
    ],
)
def test_posting_where_the_bot_is_not_fails(slack: WebClient, channel: str, error: str) -> None:
    assert error_of(slack.chat_postMessage, channel=channel, text="x") == error


def test_joining_an_archived_channel_fails(slack: WebClient) -> None:
    assert error_of(slack.conversations_join, channel="C0ANCIENS") == "is_archived"


def test_metadata_reads_back_from_history(slack: WebClient) -> None:
    metadata = {"event_type": "propale", "event_payload": {"message_id": "m1"}}
    slack.chat_postMessage(channel="C0VENTES", text="bonjour", metadata=metadata)

    with_it = slack.conversations_history(channel="C0VENTES", include_all_metadata=True)
    without = slack.conversations_history(channel="C0VENTES")

    assert with_it["messages"][0]["metadata"] == metadata
    assert "metadata" not in without["messages"][0]


def test_message_is_found_from_the_moment_before_it(slack: WebClient) -> None:
    moment = time.time()

    slack.chat_postMessage(channel="C0VENTES", text="bonjour")

    found = slack.conversations_history(channel="C0VENTES", oldest=str(moment))
    assert [message["text"] for message in found["messages"]] == ["bonjour"]


def test_double_message_is_kept_twice(sandbox: Server, slack: WebClient) -> None:
    for _ in range(2):
        slack.chat_postMessage(channel="C0VENTES", text="encore")

    assert len(messages(sandbox.world, "T0SANDBOX", "C0VENTES")) == 2
    assert sandbox.world.journal.count("slack", "POST", "/api/chat.postMessage") == 2


def test_workspaces_do_not_see_each_other(sandbox: Server, slack: WebClient) -> None:
    slack.chat_postMessage(channel="C0VENTES", text="pour nous")
    other = client(sandbox, "xoxb-sandbox-token-2")
    other.conversations_join(channel="C0VENTES")

    assert other.conversations_history(channel="C0VENTES")["messages"] == []


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


@pytest.mark.parametrize(
    "blocks",
    [
        [{"type": "header", "text": plain("x" * 151)}],
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}],
        [{"type": "section", "text": plain("")}],
        [{"type": "section"}],
        [{"type": "divider", "colour": "red"}],
        [{"type": "carousel"}],
        [{"type": "context", "elements": []}],
        [{"type": "actions", "elements": [{"type": "button", "text": plain("x" * 76)}]}],
        [{"type": "divider"}] * 51,
    ],
)
def test_blocks_slack_refuses_are_refused(slack: WebClient, blocks: list[Any]) -> None:
    error = error_of(slack.chat_postMessage, channel="C0VENTES", text="x", blocks=blocks)

    assert error == "invalid_blocks"


def test_missing_scope_is_named(sandbox: Server, slack: WebClient) -> None:
    tokens(sandbox.world)[TOKEN] = {"team": "T0SANDBOX", "scopes": ["chat:write"]}

    with pytest.raises(SlackApiError) as caught:
        slack.conversations_history(channel="C0VENTES")

    assert caught.value.response["error"] == "missing_scope"
    assert caught.value.response["needed"] == "channels:history"


def test_rate_limit_says_when_to_come_back(sandbox: Server, slack: WebClient) -> None:
    sandbox.world.faults.arm(vendor="slack", status=429, headers={"Retry-After": "7"})

    with pytest.raises(SlackApiError) as caught:
        slack.chat_postMessage(channel="C0VENTES", text="x")

    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "7"
    assert caught.value.response["error"] == "ratelimited"


def test_cut_after_the_work_leaves_the_message(sandbox: Server, slack: WebClient) -> None:
    sandbox.world.faults.arm(vendor="slack", path="/api/chat.postMessage", cut="after")

    with pytest.raises(RemoteDisconnected):
        slack.chat_postMessage(channel="C0VENTES", text="arrivé")

    assert len(messages(sandbox.world, "T0SANDBOX", "C0VENTES")) == 1


def test_channel_page_shows_markup_as_slack_does(sandbox: Server, slack: WebClient) -> None:
    evil = "<script>alert(1)</script> <!channel> *gras*"
    slack.chat_postMessage(
        channel="C0VENTES",
        text="x",
        blocks=[
            {"type": "section", "text": plain(evil)},
            {
                "type": "section",
                "text": {"type": "mrkdwn", "text": "*gras* <https://e.example|ici> &lt;b&gt;"},
            },
        ],
    )

    page = requests.get(
        f"{sandbox.world.settings.slack_app_base}/client/T0SANDBOX/C0VENTES", timeout=5
    ).text

    assert "&lt;script&gt;alert(1)&lt;/script&gt; &lt;!channel&gt; *gras*" in page
    assert "<strong>gras</strong>" in page
    assert '<a href="https://e.example" target="_blank" rel="noopener">ici</a> &lt;b&gt;' in page
