"""Slack through its own SDK: found, joined, posted, read back, and each way to be refused."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from app.errors import FailureKind, ProviderError
from app.providers.outcome import LATE_SECONDS
from app.providers.slack.channel import EVENT_TYPE, SlackChannel
from sandbox.server import Server
from sandbox.slack.teams import messages, read_only
from tests.contracts.providers.conftest import SilentServer
from tests.support.waiting import until

POST = "/api/chat.postMessage"
BLOCKS = [{"type": "section", "text": {"type": "plain_text", "text": "Acceptée"}}]
AN_HOUR_AGO = datetime.now(UTC) - timedelta(hours=1)


def slack_of(sandbox: Server, token: str = "xoxb-sandbox-token") -> SlackChannel:
    return SlackChannel(sandbox.world.settings.slack_api_base, token)


@pytest.fixture
def slack(sandbox: Server) -> SlackChannel:
    channel = slack_of(sandbox)
    channel.join("C0VENTES")
    return channel


def post(slack: SlackChannel, channel_id: str = "C0VENTES", message_id: str = "m-1") -> str:
    return slack.post(channel_id, "Acceptée", BLOCKS, message_id)


def post_failure(slack: SlackChannel, channel_id: str = "C0VENTES") -> ProviderError:
    with pytest.raises(ProviderError) as failed:
        post(slack, channel_id)
    return failed.value


def posted(sandbox: Server) -> list[dict[str, Any]]:
    return list(messages(sandbox.world, "T0SANDBOX", "C0VENTES").values())


def test_token_names_its_workspace(sandbox: Server) -> None:
    team = slack_of(sandbox).test_auth()

    assert (team.team_id, team.team) == ("T0SANDBOX", "Maison du Sandbox")
    assert team.url.startswith("http")


def test_unknown_token_is_auth_and_stays_secret(sandbox: Server) -> None:
    with pytest.raises(ProviderError) as refused:
        slack_of(sandbox, "xoxb-never-given").test_auth()

    assert (refused.value.kind, refused.value.code) == (FailureKind.AUTH, "invalid_auth")
    assert "xoxb-never-given" not in str(refused.value)


def test_token_given_back_opens_nothing(slack: SlackChannel) -> None:
    slack.revoke()

    assert post_failure(slack).code == "account_inactive"


@pytest.mark.parametrize("wanted", ["#ventes", "VENTES", "C0VENTES"])
def test_public_channel_is_found(sandbox: Server, wanted: str) -> None:
    found = slack_of(sandbox).find_channel(wanted)

    assert found is not None
    assert (found.id, found.is_private, found.is_member) == ("C0VENTES", False, False)


def test_private_channel_is_found_once_invited(sandbox: Server) -> None:
    slack = slack_of(sandbox)
    before = slack.find_channel("direction")
    app_base = sandbox.world.settings.slack_app_base
    requests.post(f"{app_base}/client/T0SANDBOX/C0DIRECTION/invite", timeout=5)

    after = slack.find_channel("direction")

    assert before is None
    assert after is not None
    assert (after.is_private, after.is_member) == (True, True)


def test_post_carries_our_id_and_unfurls_nothing(sandbox: Server, slack: SlackChannel) -> None:
    ts = post(slack)

    (message,) = posted(sandbox)
    assert message["ts"] == ts
    assert message["metadata"] == {
        "event_type": EVENT_TYPE,
        "event_payload": {"message_id": "m-1"},
    }
    assert '"unfurl_links": false' in sandbox.world.journal.entries("slack")[-1]["body"]


def test_posted_message_is_found_again_over_pages(slack: SlackChannel) -> None:
    wanted = post(slack, message_id="m-wanted")
    for place in range(201):
        post(slack, message_id=f"m-{place}")

    assert slack.find_posted("C0VENTES", "m-wanted", AN_HOUR_AGO) == wanted
    assert slack.find_posted("C0VENTES", "m-absent", AN_HOUR_AGO) is None


def test_post_before_the_window_is_not_looked_at(slack: SlackChannel) -> None:
    post(slack)

    assert slack.find_posted("C0VENTES", "m-1", datetime.now(UTC) + timedelta(hours=1)) is None


@pytest.mark.parametrize(
    ("channel_id", "code"),
    [
        ("C0GENERAL", "not_in_channel"),
        ("C0NOWHERE", "channel_not_found"),
        ("C0ANCIENS", "is_archived"),
    ],
)
def test_channel_that_refuses_is_blocked(slack: SlackChannel, channel_id: str, code: str) -> None:
    error = post_failure(slack, channel_id)

    assert (error.kind, error.code) == (FailureKind.BLOCKED, code)


def test_channel_for_admins_is_blocked(sandbox: Server, slack: SlackChannel) -> None:
    read_only(sandbox.world, "T0SANDBOX")["C0VENTES"] = {}

    error = post_failure(slack)

    assert error.code == "restricted_action_read_only_channel"
    assert error.kind is FailureKind.BLOCKED


def test_open_channels_are_those_one_may_choose(slack: SlackChannel) -> None:
    found = {channel.name: channel.is_member for channel in slack.open_channels()}

    assert found == {"ventes": True, "général": False}


def test_one_channel_is_read_by_its_id(slack: SlackChannel) -> None:
    archived = slack.read_channel("C0ANCIENS")

    assert archived is not None
    assert archived.is_archived
    assert slack.read_channel("C0DIRECTION") is None  # private, and the bot is not in it


@pytest.mark.parametrize(
    ("word", "reading", "writing"),
    [
        ("ratelimited", FailureKind.RETRYABLE, FailureKind.RETRYABLE),
        ("internal_error", FailureKind.RETRYABLE, FailureKind.UNKNOWN_OUTCOME),
        ("token_revoked", FailureKind.AUTH, FailureKind.AUTH),
        ("account_inactive", FailureKind.AUTH, FailureKind.AUTH),
        ("missing_scope", FailureKind.AUTH, FailureKind.AUTH),
        ("invalid_blocks", FailureKind.PERMANENT, FailureKind.PERMANENT),
    ],
)
def test_slacks_word_has_its_kind(
    sandbox: Server, slack: SlackChannel, word: str, reading: FailureKind, writing: FailureKind
) -> None:
    body = {"ok": False, "error": word}
    sandbox.world.faults.arm(vendor="slack", status=200, body=body, times=2)

    assert post_failure(slack).kind is writing
    with pytest.raises(ProviderError) as failed:
        slack.test_auth()
    assert failed.value.kind is reading


def test_missing_scope_is_named(sandbox: Server, slack: SlackChannel) -> None:
    body = {"ok": False, "error": "missing_scope", "needed": "chat:write", "provided": "users:read"}
    sandbox.world.faults.arm(vendor="slack", status=200, body=body)

    assert post_failure(slack).detail == "chat:write"


def test_slow_down_carries_its_seconds(sandbox: Server, slack: SlackChannel) -> None:
    sandbox.world.faults.arm(vendor="slack", path=POST, status=429, headers={"Retry-After": "30"})

    error = post_failure(slack)

    assert (error.kind, error.retry_after) == (FailureKind.RETRYABLE, 30.0)
    assert sandbox.world.journal.count("slack", "POST", POST) == 1


@pytest.mark.parametrize("body", [None, "<html>Bad gateway</html>", ""])
def test_server_error_on_a_post_is_unknown(
    sandbox: Server, slack: SlackChannel, body: str | None
) -> None:
    sandbox.world.faults.arm(vendor="slack", path=POST, status=502, body=body)

    assert post_failure(slack).kind is FailureKind.UNKNOWN_OUTCOME
    assert sandbox.world.journal.count("slack", "POST", POST) == 1


def test_post_that_may_arrive_late_is_looked_up_late(sandbox: Server) -> None:
    world = sandbox.world
    impatient = SlackChannel(world.settings.slack_api_base, "xoxb-sandbox-token", seconds=1)
    impatient.join("C0VENTES")
    world.faults.arm(vendor="slack", path=POST, delay=1.5)

    error = post_failure(impatient)
    too_early = impatient.find_posted("C0VENTES", "m-1", AN_HOUR_AGO)

    assert (error.kind, error.late_seconds) == (FailureKind.UNKNOWN_OUTCOME, LATE_SECONDS)
    assert error.retry_after is None
    assert too_early is None
    until(lambda: impatient.find_posted("C0VENTES", "m-1", AN_HOUR_AGO))


@pytest.mark.parametrize(("cut", "found"), [("before", False), ("after", True)])
def test_lost_answer_is_unknown_and_looked_up(
    sandbox: Server, slack: SlackChannel, cut: str, found: bool
) -> None:
    sandbox.world.faults.arm(vendor="slack", path=POST, cut=cut)

    assert post_failure(slack).kind is FailureKind.UNKNOWN_OUTCOME
    assert (slack.find_posted("C0VENTES", "m-1", AN_HOUR_AGO) is not None) is found


def test_garbled_answer_is_unknown_and_looked_up(sandbox: Server, slack: SlackChannel) -> None:
    sandbox.world.faults.arm(vendor="slack", path=POST, garbled=True)

    assert post_failure(slack).kind is FailureKind.UNKNOWN_OUTCOME
    assert slack.find_posted("C0VENTES", "m-1", AN_HOUR_AGO)


def test_refused_connection_is_retryable(closed_port: int) -> None:
    slack = SlackChannel(f"http://127.0.0.1:{closed_port}/api/", "token")

    assert post_failure(slack).kind is FailureKind.RETRYABLE


def test_timed_out_read_arrives_exactly_once(silent_server: SilentServer) -> None:
    slack = SlackChannel(f"http://127.0.0.1:{silent_server.port}/api/", "token", seconds=1)
    started = time.monotonic()

    with pytest.raises(ProviderError) as failed:
        slack.test_auth()

    assert failed.value.kind is FailureKind.RETRYABLE
    assert 0.9 < time.monotonic() - started < 3
    assert silent_server.requests == 1
