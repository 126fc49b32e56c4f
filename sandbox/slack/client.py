"""/slack/client: the window where the team reads its channels."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, redirect, render_template, request, url_for

from sandbox.slack.markup import mrkdwn, text_object
from sandbox.slack.teams import channels, messages, read_only, revoke, teams, tokens
from sandbox.world import current_world

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

routes = Blueprint("slack_client", __name__, url_prefix="/client")


@routes.get("/")
def first_channel() -> Response:
    return redirect(url_for(".channel", team="T0SANDBOX", channel_id="C0VENTES"))


@routes.get("/<team>/")
def first_of_team(team: str) -> Response:
    return redirect(url_for(".channel", team=team, channel_id="C0VENTES"))


@routes.get("/<team>/<channel_id>")
def channel(team: str, channel_id: str) -> str:
    """Show one channel with the list of all channels beside it."""
    return render_template("slack/channel.html", **_shown(team, channel_id))


@routes.get("/<team>/<channel_id>/messages")
def channel_messages(team: str, channel_id: str) -> str:
    """Render the messages alone, for the page that is open to follow."""
    return render_template("slack/messages.html", **_shown(team, channel_id))


@routes.post("/<team>/<channel_id>/invite")
def invite(team: str, channel_id: str) -> Response:
    """Let a person invite the bot, which a private channel needs."""
    _membership(team, channel_id, member=True)
    return redirect(url_for(".channel", team=team, channel_id=channel_id))


@routes.post("/<team>/<channel_id>/remove")
def remove(team: str, channel_id: str) -> Response:
    """Let a person put the bot out of the channel."""
    _membership(team, channel_id, member=False)
    return redirect(url_for(".channel", team=team, channel_id=channel_id))


@routes.post("/<team>/<channel_id>/archive")
def archive(team: str, channel_id: str) -> Response:
    """Archive the channel or, done again, open it; either way nobody is put out."""
    table = channels(current_world(), _known(team, channel_id))
    was = table[channel_id]["is_archived"]
    table[channel_id] = {**table[channel_id], "is_archived": not was}
    return redirect(url_for(".channel", team=team, channel_id=channel_id))


@routes.post("/<team>/<channel_id>/read-only")
def close(team: str, channel_id: str) -> Response:
    """Let only admins post in the channel or, done again, everybody."""
    closed = read_only(current_world(), _known(team, channel_id))
    if closed.pop(channel_id, None) is None:
        closed[channel_id] = {}
    return redirect(url_for(".channel", team=team, channel_id=channel_id))


@routes.post("/<team>/revoke")
def revoke_tokens(team: str) -> Response:
    """Let an admin take the app's tokens back: `all=1` with the app itself."""
    if team not in teams(current_world()):
        abort(404)
    revoke(current_world(), team, uninstalled="all" in request.form)
    return redirect(url_for(".first_of_team", team=team))


def _known(team: str, channel_id: str) -> str:
    if channel_id not in channels(current_world(), team):
        abort(404)
    return team


def _membership(team: str, channel_id: str, *, member: bool) -> None:
    table = channels(current_world(), _known(team, channel_id))
    table[channel_id] = {**table[channel_id], "is_member": member}


def _shown(team: str, channel_id: str) -> dict[str, Any]:
    world = current_world()
    if team not in teams(world) or channel_id not in channels(world, team):
        abort(404)
    posted = list(messages(world, team, channel_id).values())
    return {
        "team": teams(world)[team],
        "channels": list(channels(world, team).values()),
        "channel": channels(world, team)[channel_id],
        "read_only": channel_id in read_only(world, team),
        "installed": any(
            known["team"] == team and known["scopes"] is not None
            for known in tokens(world).values()
        ),
        "messages": [{**message, "at": _moment(message["ts"])} for message in posted],
        "text_object": text_object,
        "mrkdwn": mrkdwn,
    }


def _moment(ts: str) -> datetime:
    return datetime.fromtimestamp(float(ts), UTC)
