"""/slack/api/: the methods the product uses (docs.slack.dev, methods)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, g

from sandbox.slack import oauth, posting
from sandbox.slack.calls import Call, SlackError, begin, team_of
from sandbox.slack.paging import one_page
from sandbox.slack.teams import channels, give_back, messages, read_only
from sandbox.world import current_world

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.store import Record

routes = Blueprint("slack_api", __name__, url_prefix="/api")

_MOST_CHANNELS, _MOST_MESSAGES = 1000, 999
_TS = re.compile(r"\d+(\.\d+)?")


@routes.errorhandler(SlackError)
def refuse(problem: SlackError) -> dict[str, Any]:
    return problem.body


@routes.after_request
def name_type(response: Response) -> Response:
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    if "scopes" in g:
        response.headers["X-OAuth-Scopes"] = ",".join(g.scopes)
        response.headers["X-Accepted-OAuth-Scopes"] = ",".join(g.needed)
    return response


@routes.route("/<method>", methods=["GET", "POST"])
def unknown_method(method: str) -> dict[str, Any]:
    """Slack knows far more methods than are played here, and refuses the rest like this."""
    return {"ok": False, "error": "unknown_method", "req_method": method}


@routes.post("/oauth.v2.access")
def oauth_v2_access() -> dict[str, Any]:
    """Exchange the code of an installation; no token is needed, the client names itself."""
    return oauth.access()


@routes.route("/auth.test", methods=["GET", "POST"])
def auth_test() -> dict[str, Any]:
    """Say whose token it is."""
    call = begin()
    team = team_of(call)
    base = current_world().settings.slack_app_base
    return {
        "ok": True,
        "url": f"{base}/client/{call.team}/",
        "team": team["name"],
        "user": "propale",
        "team_id": call.team,
        "user_id": "U0PROPALE",
        "bot_id": "B0PROPALE",
        "is_enterprise_install": False,
    }


@routes.route("/auth.revoke", methods=["GET", "POST"])
def auth_revoke() -> dict[str, Any]:
    """End the token that calls; with `test` nothing happens."""
    call = begin()
    revoked = not call.flag("test")
    if revoked:
        give_back(current_world(), call.token)
    return {"ok": True, "revoked": revoked}


@routes.route("/conversations.list", methods=["GET", "POST"])
def conversations_list() -> dict[str, Any]:
    """List channels of the asked `types`; private ones only when the bot is in them."""
    call = begin()
    kinds = {kind.strip() for kind in call.text("types", "public_channel").split(",")}
    if not kinds <= {"public_channel", "private_channel", "mpim", "im"}:
        raise SlackError("invalid_types")
    for kind, scope in (("public_channel", "channels:read"), ("private_channel", "groups:read")):
        if kind in kinds:
            call.need(scope)
    visible = [
        channel
        for channel in channels(current_world(), call.team).values()
        if (channel["is_member"] or not channel["is_private"])
        and ("private_channel" if channel["is_private"] else "public_channel") in kinds
        and not (call.flag("exclude_archived") and channel["is_archived"])
    ]
    page, cursor = one_page(call, visible, "id", most=_MOST_CHANNELS)
    return {"ok": True, "channels": page, "response_metadata": {"next_cursor": cursor}}


@routes.route("/conversations.info", methods=["GET", "POST"])
def conversations_info() -> dict[str, Any]:
    """Describe one channel."""
    call = begin()
    channel = call.channel()
    call.need("groups:read" if channel["is_private"] else "channels:read")
    return {"ok": True, "channel": channel}


@routes.post("/conversations.join")
def conversations_join() -> dict[str, Any]:
    """Enter a public channel; doing it again is no error."""
    call = begin()
    call.need("channels:join")
    channel = call.channel()
    if channel["is_private"]:
        raise SlackError("method_not_supported_for_channel_type")
    if channel["is_archived"]:
        raise SlackError("is_archived")
    joined = {**channel, "is_member": True}
    channels(current_world(), call.team)[channel["id"]] = joined
    if not channel["is_member"]:
        return {"ok": True, "channel": joined}
    warning = "already_in_channel"
    more = {"warning": warning, "response_metadata": {"warnings": [warning]}}
    return {"ok": True, "channel": joined, **more}


@routes.route("/conversations.history", methods=["GET", "POST"])
def conversations_history() -> dict[str, Any]:
    """Read messages, newest first; metadata only with `include_all_metadata`."""
    call = begin()
    channel = call.channel()
    call.need("groups:history" if channel["is_private"] else "channels:history")
    if not channel["is_member"]:
        raise SlackError("not_in_channel")
    wanted = _wanted(call)
    found = [
        message if call.flag("include_all_metadata") else _without_metadata(message)
        for ts, message in reversed(
            list(messages(current_world(), call.team, channel["id"]).items())
        )
        if wanted(ts)
    ]
    page, cursor = one_page(call, found, "ts", most=_MOST_MESSAGES)
    more = {"response_metadata": {"next_cursor": cursor}} if cursor else {}
    return {"ok": True, "messages": page, "has_more": bool(cursor), "pin_count": 0, **more}


@routes.post("/chat.postMessage")
def chat_post_message() -> dict[str, Any]:
    """Post a message; the same one twice is two messages."""
    call = begin()
    call.need("chat:write")
    channel = posting.target(call)
    if channel["is_archived"]:
        raise SlackError("is_archived")
    if not channel["is_member"]:
        raise SlackError("not_in_channel")
    if channel["id"] in read_only(current_world(), call.team):
        raise SlackError("restricted_action_read_only_channel")
    content = posting.content(call)
    posted = messages(current_world(), call.team, channel["id"])
    ts = posting.new_ts(posted)
    message = {
        "type": "message",
        "user": "U0PROPALE",
        "bot_id": "B0PROPALE",
        "app_id": "A0PROPALE",
        "team": call.team,
        "ts": ts,
        **content,
    }
    posted[ts] = message
    return {"ok": True, "channel": channel["id"], "ts": ts, "message": message}


def _without_metadata(message: Record) -> Record:
    return {name: value for name, value in message.items() if name != "metadata"}


def _wanted(call: Call) -> Callable[[str], bool]:
    """Whether a message's ts lies between `oldest` and `latest`."""
    oldest, latest = _moment(call, "oldest", "0"), _moment(call, "latest", "Infinity")
    if call.flag("inclusive"):
        return lambda ts: oldest <= Decimal(ts) <= latest
    return lambda ts: oldest < Decimal(ts) < latest


def _moment(call: Call, name: str, default: str) -> Decimal:
    text = call.text(name)
    if text and not _TS.fullmatch(text):
        raise SlackError(f"invalid_ts_{name}")
    return Decimal(text or default)
